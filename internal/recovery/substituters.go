package recovery

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/network"
)

// Answering returns those of the substituters that answer within some time, in the same
// order. Only those with an HTTP address are asked; of others nothing is known, and they
// stay.
func Answering(ctx context.Context, substituters []string, within time.Duration) []string {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answers := make([]bool, len(substituters))
	var asked sync.WaitGroup
	for i, address := range substituters {
		asked.Go(func() { answers[i] = answersTo(ctx, address) })
	}
	asked.Wait()
	var answering []string
	for i, address := range substituters {
		if answers[i] {
			answering = append(answering, address)
		}
	}
	return answering
}

func answersTo(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return true
	}
	u.RawQuery = "" // settings for Nix
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath(narinfo.CacheInfoName).String(), nil)
	if err != nil {
		return true
	}
	answer, err := network.Transport().RoundTrip(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode < http.StatusInternalServerError
}
