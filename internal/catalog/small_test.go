package catalog

import (
	"io"
	"strings"
)

// smallListing has a few packages that show one thing each.
const smallListing = `{"version":2,"packages":{
"kdenlive":{"pname":"kdenlive","version":"25.08","meta":{"available":true,"description":"Free and open source video editor","homepage":"https://kdenlive.org","license":{"shortName":"gpl2"}}},
"shotcut":{"pname":"shotcut","version":"25.01","meta":{"available":true,"description":"Cross-platform video editor","broken":true}},
"python313Packages.numpy":{"pname":"numpy","version":"2.3","meta":{"available":true,"description":"Scientific tools for Python"}},
"python312Packages.numpy":{"pname":"numpy","version":"2.3","meta":{"available":true,"description":"Scientific tools for Python"}},
"python313Packages.scipy":{"pname":"scipy","meta":{"available":true}},
"python313Packages.a":{"pname":"a","meta":{}},"python313Packages.b":{"pname":"b","meta":{}},
"python313Packages.c":{"pname":"c","meta":{}},"python313Packages.d":{"pname":"d","meta":{}},
"google-chrome":{"pname":"google-chrome","version":"140","meta":{"available":false,"unfree":true,"description":"Web browser"}},
"binutils":{"pname":"binutils","meta":{"available":true,"mainProgram":"readelf","description":"Tools for manipulating binaries"}},
"nasty":{"pname":"nas\u001b[31mty","version":"1\u0007","meta":{"available":true,"description":"Red\u001b[2J\u202etext\u0000  with\nlines \u009b"}}
}}`

func smallSource(text string) Source {
	return Source{
		Name: "test", Date: "2025-01-02", ID: "test-1",
		Parts: []Part{File(PackageList, int64(len(text)), func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(text)), nil
		})},
	}
}
