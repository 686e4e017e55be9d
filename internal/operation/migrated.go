package operation

// TakenSetting is a setting of another program that became one of ours.
type TakenSetting struct {
	File    string `json:"file"` // that it is from
	Key     string `json:"key"`
	Value   string `json:"value"`
	Setting string `json:"setting"`
	To      string `json:"to"`
}

// DroppedSetting is a setting of another program that became nothing. What it was is not
// told: it may be a secret.
type DroppedSetting struct {
	File   string `json:"file"`
	Key    string `json:"key"`
	Reason string `json:"reason"`
}

// Migrated is the data of migrate.
type Migrated struct {
	// Files are those of ours that were written, or put back.
	Files   []FileEdit       `json:"files"`
	Taken   []TakenSetting   `json:"taken"`
	Dropped []DroppedSetting `json:"dropped"`
}
