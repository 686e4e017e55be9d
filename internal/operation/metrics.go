package operation

import "time"

// OperationCounts are the numbers of one operation, or of all. Durations are in
// milliseconds. What was not measured is zero, and left out of the JSON form.
type OperationCounts struct {
	Succeeded int `json:"succeeded"`
	// CacheAsked is how many answers could have come from the cache, and Cached how many
	// did.
	CacheAsked int `json:"cache_asked"`
	Cached     int `json:"cached"`
	// Native and Command are the runs that needed Nix, by how it was reached.
	Native  int `json:"native"`
	Command int `json:"command"`
	// Recoveries is how often a failure was overcome, or tried to be, and Recovered how
	// many runs came to a good end by that.
	Recoveries int `json:"recoveries,omitempty"`
	Recovered  int `json:"recovered,omitempty"`
	// Estimates is how many runs had their end foretold, and EstimateError by what part of
	// the true time that was wrong on average.
	Estimates     int     `json:"estimates,omitempty"`
	EstimateError float64 `json:"estimate_error,omitempty"`

	P50Duration     float64         `json:"p50_duration"`
	P95Duration     float64         `json:"p95_duration"`
	P99Duration     float64         `json:"p99_duration"`
	LongestDuration float64         `json:"longest_duration"`
	Histogram       []LatencyBucket `json:"histogram,omitempty"`
}

// OperationMetrics counts the runs of one operation.
type OperationMetrics struct {
	Operation       Name    `json:"operation"`
	Total           int     `json:"total"`
	AverageDuration float64 `json:"average_duration"`
	OperationCounts
}

// LatencyBucket counts the runs that took longer than Above and at most UpTo, in
// milliseconds. UpTo is 0 in the last one, which has no end.
type LatencyBucket struct {
	Above float64 `json:"above"`
	UpTo  float64 `json:"up_to,omitempty"`
	Count int     `json:"count"`
}

// Metrics is the data of show-metrics. Its snake_case names are those that the
// first users of the system were promised. What is not of one operation is of all.
type Metrics struct {
	TotalOperations int     `json:"total_operations"`
	SuccessRate     float64 `json:"success_rate"`     // 0 to 1
	CacheHitRate    float64 `json:"cache_hit_rate"`   // 0 to 1, of the answers that could have come from it
	AverageDuration float64 `json:"average_duration"` // milliseconds
	OperationCounts
	// Since is when counting began; nil if nothing was counted yet.
	Since *time.Time `json:"since,omitempty"`
	// Enabled says whether operations are counted.
	Enabled    bool               `json:"enabled"`
	Operations []OperationMetrics `json:"operations"`
}
