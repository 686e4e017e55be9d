package progress

import "time"

const (
	window  = 5 * time.Second        // a rate is that of the last of it
	spacing = 500 * time.Millisecond // between two points
	points  = int(window/spacing) + 1
)

// rate remembers how a number grew in the last seconds.
type rate struct {
	when  [points]time.Time
	value [points]int64
	n     int // points there are
	now   int64
}

// add takes the number at a time.
func (r *rate) add(value int64, now time.Time) {
	r.now = value
	if r.n > 0 && now.Sub(r.when[r.n-1]) < spacing {
		return
	}
	if r.n == points {
		copy(r.when[:], r.when[1:])
		copy(r.value[:], r.value[1:])
		r.n--
	}
	r.when[r.n], r.value[r.n] = now, value
	r.n++
}

// at is the growth a second at a time; 0 is not known, or nothing came for long.
func (r *rate) at(now time.Time) float64 {
	for i := range r.n {
		took := now.Sub(r.when[i])
		if took > window+spacing {
			continue
		}
		if took < spacing || r.now <= r.value[i] {
			return 0
		}
		return float64(r.now-r.value[i]) / took.Seconds()
	}
	return 0
}
