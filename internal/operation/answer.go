package operation

// Topic is an answer to a question about Nix, NixOS or ask-nix.
type Topic struct {
	ID      string   `json:"id"`
	Subject string   `json:"subject"` // such as concepts or safety
	Title   string   `json:"title"`
	Text    []string `json:"text"`  // sentences
	Tries   []Fix    `json:"tries"` // commands to try and lines for the configuration
	See     []string `json:"see"`   // ids of other topics
}

// Answered is the data of answer-question, and of help about what is no operation.
type Answered struct {
	Question   string  `json:"question"`
	Confidence float64 `json:"confidence"` // that it is this topic, between 0 and 1
	Topic      Topic   `json:"topic"`
}

// Topics is the data of answer-question without a question: all that there is an answer
// about, by subject.
type Topics struct {
	Topics []TopicTitle `json:"topics"`
}

// TopicTitle is what a topic is called.
type TopicTitle struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Title   string `json:"title"`
}
