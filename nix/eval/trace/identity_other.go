//go:build !linux

package trace

import "io/fs"

// identityOf knows no identity here, so everything is compared by content.
func identityOf(fs.FileInfo) identity { return identity{} }
