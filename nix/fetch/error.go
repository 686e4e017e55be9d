package fetch

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
)

// StatusError means that a server answered, but not with the file.
type StatusError struct {
	URL  string // without what may be a credential
	Code int    // HTTP's status
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("unable to download '%s': HTTP error %d", e.URL, e.Code)
}

// Is says that 404 and 410 are fs.ErrNotExist.
func (e *StatusError) Is(target error) bool {
	return target == fs.ErrNotExist && (e.Code == http.StatusNotFound || e.Code == http.StatusGone)
}

// NetworkError means that a server could not be reached, or that the connection
// broke.
type NetworkError struct {
	URL string // without what may be a credential
	Err error
}

func (e *NetworkError) Error() string {
	return fmt.Sprintf("unable to download '%s': %v", e.URL, e.Err)
}

func (e *NetworkError) Unwrap() error { return e.Err }

// LimitError means that a file is larger than allowed.
type LimitError struct {
	URL string
	Max int64 // bytes
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("unable to download '%s': it is larger than %d bytes", e.URL, e.Max)
}

// AddressError means that nothing can be at a URL.
type AddressError struct {
	URL string // without what may be a credential; "" if it cannot be shown
	why string
}

func (e *AddressError) Error() string { return fmt.Sprintf("URL '%s' %s", e.URL, e.why) }

// ErrOffline is matched by the error of what would have to be downloaded although
// downloads are switched off.
var ErrOffline = errors.New("downloads are switched off, and it was not downloaded before")

var (
	errStalled   = errors.New("nothing has arrived for too long")
	errRedirects = errors.New("too many redirects")
	errRedirect  = errors.New("it leads to a URL that is not as safe")
)

// shown is a URL without user, password and query: any of them may be a secret.
func shown(u *url.URL) string {
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.RawQuery != "" {
		return clean.String() + "?…"
	}
	return clean.String()
}

// reason is what went wrong, without the URL that net/http puts before it, and
// which may be another one after a redirect.
func reason(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Passing says that the same request may succeed a little later.
func Passing(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		switch status.Code {
		case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported, http.StatusNetworkAuthenticationRequired:
			return false
		case http.StatusRequestTimeout, http.StatusTooManyRequests:
			return true
		}
		return status.Code >= 500
	}
	var network *NetworkError
	return errors.As(err, &network) && !lasting(network.Err)
}

// lasting says that a network fails like this today and tomorrow.
func lasting(err error) bool {
	var certificate *tls.CertificateVerificationError
	var name *net.DNSError
	return errors.Is(err, errRedirects) || errors.Is(err, errRedirect) || errors.Is(err, ErrOffline) ||
		errors.As(err, &certificate) || errors.As(err, &name) && name.IsNotFound
}

// unreachable says that an earlier copy may be used instead.
func unreachable(err error) bool {
	var network *NetworkError
	if errors.As(err, &network) {
		return !errors.Is(err, errRedirects) && !errors.Is(err, errRedirect)
	}
	return Passing(err)
}
