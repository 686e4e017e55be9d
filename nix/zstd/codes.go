package zstd

// literalLength is how many literals a code means, with bits of its own.
func literalLength(symbol uint8, in *backward) int {
	if symbol < 16 {
		return int(symbol)
	}
	bits := [...]uint8{1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}[symbol-16]
	base := [...]int{16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536}[symbol-16]
	return base + int(in.read(int(bits)))
}

// matchLength is how many bytes a code means to repeat, with bits of its own.
func matchLength(symbol uint8, in *backward) int {
	if symbol < 32 {
		return int(symbol) + 3
	}
	bits := [...]uint8{1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}[symbol-32]
	base := [...]int{35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539}[symbol-32]
	return base + int(in.read(int(bits)))
}

// The shares of symbols where a block does not tell others, and the logarithm of their sum;
// -1 is less than one.

func literalShares() ([]int16, int) {
	return []int16{
		4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
	}, 6
}

func matchShares() ([]int16, int) {
	return []int16{
		1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
	}, 6
}

func offsetShares() ([]int16, int) {
	return []int16{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}, 5
}
