package narinfo

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"luminousnix/nix/store"
)

// CacheInfoName is the name of the text about the whole cache.
const CacheInfoName = "nix-cache-info"

// MaxCacheInfoSize is the most that [ParseCacheInfo] takes, in bytes.
const MaxCacheInfoSize = 64 << 10

// CacheInfo is what a binary cache says of itself. Nix asks no cache for paths
// of a store directory other than the cache's.
type CacheInfo struct {
	StoreDir store.Dir
	// WantMassQuery says that the cache does not mind being asked for many paths
	// that it may not have.
	WantMassQuery bool
	// Priority orders caches: a lower one is asked first. Nix takes a cache that
	// does not tell as 0; cache.nixos.org has 40.
	Priority int
}

// ParseCacheInfo parses nix-cache-info. Its error is a [*ParseError]. As in Nix,
// all fields may be missing, and lines that say nothing known are passed over.
func ParseCacheInfo(text []byte) (*CacheInfo, error) {
	if len(text) > MaxCacheInfoSize {
		return nil, &ParseError{Why: fmt.Sprintf("the text has more than %d bytes", MaxCacheInfoSize)}
	}
	info := &CacheInfo{}
	line := 0
	for content := range strings.SplitSeq(string(text), "\n") {
		line++
		field, value, ok := strings.Cut(content, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		why := ""
		switch field {
		case "StoreDir":
			info.StoreDir, why = store.Dir(value), checkStoreDir(value)
		case "WantMassQuery":
			info.WantMassQuery = value == "1"
		case "Priority":
			n, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				why = fmt.Sprintf("%q is not a number", value)
			}
			info.Priority = int(n)
		}
		if why != "" {
			return nil, &ParseError{Line: line, Field: field, Why: why}
		}
	}
	return info, nil
}

// MarshalText prints nix-cache-info, without the fields that are zero. Its error
// is a [*FieldError].
func (i *CacheInfo) MarshalText() ([]byte, error) {
	var b strings.Builder
	if i.StoreDir != "" {
		if why := checkStoreDir(string(i.StoreDir)); why != "" {
			return nil, &FieldError{Field: "StoreDir", Why: why}
		}
		b.WriteString("StoreDir: " + string(i.StoreDir) + "\n")
	}
	if i.WantMassQuery {
		b.WriteString("WantMassQuery: 1\n")
	}
	if int64(i.Priority) != int64(int32(i.Priority)) {
		return nil, &FieldError{Field: "Priority", Why: fmt.Sprintf("%d has more than 32 bits", i.Priority)}
	}
	if i.Priority != 0 {
		b.WriteString("Priority: " + strconv.Itoa(i.Priority) + "\n")
	}
	return []byte(b.String()), nil
}

func checkStoreDir(dir string) string {
	switch {
	case !path.IsAbs(dir) || path.Clean(dir) != dir:
		return fmt.Sprintf("%q is not an absolute, clean path", dir)
	case hasControl(dir) || strings.TrimSpace(dir) != dir:
		return fmt.Sprintf("%q has white space at an end, or a control character", dir)
	}
	return ""
}
