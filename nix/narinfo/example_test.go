package narinfo_test

import (
	"fmt"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

// What a cache says of a path counts only if a trusted key signed it, or if the
// path's name follows from its content.
func Example() {
	text := `StorePath: /nix/store/9i6gphii27qbx5scrmkspr4yln8dmv54-hello.txt
URL: nar/0yzhigwjl6bws649vcs2asa4lbs8hg93hyix187gc7s7a74w5h80.nar
Compression: none
NarHash: sha256:0yzhigwjl6bws649vcs2asa4lbs8hg93hyix187gc7s7a74w5h80
NarSize: 120
References: 
`
	info, err := narinfo.Parse(store.DefaultDir, []byte(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := narinfo.GenerateKey("cache.example.org-1")
	if err != nil {
		fmt.Println(err)
		return
	}
	trusted := []narinfo.PublicKey{key.Public()}
	fmt.Println(info.Path.Name(), info.NarSize, "bytes")
	fmt.Println("signed by", len(narinfo.Verify(&info.PathInfo, trusted)))

	signature, err := key.Sign(&info.PathInfo)
	if err != nil {
		fmt.Println(err)
		return
	}
	info.Signatures = append(info.Signatures, signature)
	for _, by := range narinfo.Verify(&info.PathInfo, trusted) {
		fmt.Println("signed by", by.Name())
	}
	// Output:
	// hello.txt 120 bytes
	// signed by 0
	// signed by cache.example.org-1
}
