package operation

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size writes a number of bytes for people, in powers of 1024.
func Size(bytes int64) string {
	if bytes < 0 {
		return "-" + Size(-bytes)
	}
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	size, unit := float64(bytes)/1024, 0
	for size >= 1024 {
		size /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", size, "KMGTPE"[unit])
}

// ParseSize reads a number of bytes such as 10GiB, 10G, 1.5 TB or 500000: with i or
// without B in powers of 1024, as kB, MB, GB, TB in powers of 1000.
func ParseSize(text string) (int64, error) {
	wrong := Errorf(CodeUsage, "%s is not a size", Quote(text)).WithHint("A size is a number with a unit, such as 10GiB or 500MB.")
	letters := strings.TrimLeft(text, "0123456789.")
	number, err := strconv.ParseFloat(text[:len(text)-len(letters)], 64)
	if err != nil {
		return 0, wrong
	}
	unit := strings.ToUpper(strings.TrimSpace(letters))
	base := 1024.0
	switch {
	case unit == "" || unit == "B":
		base, unit = 1, "K"
	case strings.HasSuffix(unit, "IB"):
		unit = strings.TrimSuffix(unit, "IB")
	case strings.HasSuffix(unit, "B"):
		base, unit = 1000, strings.TrimSuffix(unit, "B")
	}
	power := strings.Index("KMGTPE", unit)
	if len(unit) != 1 || power < 0 {
		return 0, wrong
	}
	for range power + 1 {
		number *= base
	}
	if number < 1 || number > math.MaxInt64/2 {
		return 0, wrong
	}
	return int64(number), nil
}
