package eval

// mergeSort sorts a list stably. before may fail, and may be no order at all: the
// result then still has each element once.
func mergeSort(list []*Thunk, before func(a, b *Thunk) (bool, error)) error {
	return mergeSortWith(list, make([]*Thunk, (len(list)+1)/2), before)
}

// mergeSortWith sorts list with a buffer of at least half its size.
func mergeSortWith(list, buffer []*Thunk, before func(a, b *Thunk) (bool, error)) error {
	const few = 6
	if len(list) <= few {
		return insertionSort(list, before)
	}
	middle := (len(list) + 1) / 2
	if err := mergeSortWith(list[:middle], buffer, before); err != nil {
		return err
	}
	if err := mergeSortWith(list[middle:], buffer, before); err != nil {
		return err
	}
	// What is in order already stays.
	if swap, err := before(list[middle], list[middle-1]); err != nil || !swap {
		return err
	}
	left := buffer[:middle]
	copy(left, list)
	right := list[middle:]
	out := 0
	for len(left) > 0 && len(right) > 0 {
		second, err := before(right[0], left[0])
		if err != nil {
			return err
		}
		if second {
			list[out], right = right[0], right[1:]
		} else {
			list[out], left = left[0], left[1:]
		}
		out++
	}
	copy(list[out:], left)
	return nil
}

func insertionSort(list []*Thunk, before func(a, b *Thunk) (bool, error)) error {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0; j-- {
			swap, err := before(list[j], list[j-1])
			if err != nil {
				return err
			}
			if !swap {
				break
			}
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return nil
}
