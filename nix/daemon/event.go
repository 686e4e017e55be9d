package daemon

// Event is one thing that the daemon tells while it works: [Line], [Started],
// [Stopped] or [Result].
type Event interface{ event() }

// Line is text for the log, as builds and the daemon itself write it. It ends in
// a newline, may be of several lines, and may have colour codes.
type Line struct{ Text string }

// Started tells that an activity began.
type Started struct {
	ID     ActivityID
	Level  Level // how much the user should care
	Type   ActivityType
	Text   string // for the user; "" for those that only group others
	Fields []Field
	Parent ActivityID // 0 for none
}

// Stopped tells that an activity ended. They need not end in the order of their
// nesting.
type Stopped struct{ ID ActivityID }

// Result tells something about an activity that is going on.
type Result struct {
	ID     ActivityID
	Type   ResultType
	Fields []Field
}

func (Line) event()    {}
func (Started) event() {}
func (Stopped) event() {}
func (Result) event()  {}

// ActivityID is the number of an activity, unique within a connection.
type ActivityID uint64

// Field is a number or a text, as the type of activity or result says.
type Field struct {
	Number uint64
	Text   string
}

// Level is how important something is; the lower the more.
type Level uint64

// The levels.
const (
	LevelError Level = iota
	LevelWarn
	LevelNotice
	LevelInfo
	LevelTalkative
	LevelChatty
	LevelDebug
	LevelVomit
)

// ActivityType is what an activity does.
type ActivityType uint64

// The types of activities, with their fields.
const (
	ActivityUnknown       ActivityType = 0
	ActivityCopyPath      ActivityType = 100 // path, from, to
	ActivityFileTransfer  ActivityType = 101 // URI
	ActivityRealise       ActivityType = 102
	ActivityCopyPaths     ActivityType = 103
	ActivityBuilds        ActivityType = 104
	ActivityBuild         ActivityType = 105 // derivation, machine or "", 1, 1
	ActivityOptimiseStore ActivityType = 106
	ActivityVerifyPaths   ActivityType = 107
	ActivitySubstitute    ActivityType = 108 // path, URI of the substituter
	ActivityQueryPathInfo ActivityType = 109 // path, URI
	ActivityPostBuildHook ActivityType = 110 // derivation
	ActivityBuildWaiting  ActivityType = 111
	ActivityFetchTree     ActivityType = 112
	ActivityFetchToStore  ActivityType = 113
)

// ResultType is what a result tells.
type ResultType uint64

// The types of results, with their fields.
const (
	ResultFileLinked       ResultType = 100 // bytes, blocks
	ResultBuildLogLine     ResultType = 101 // line
	ResultUntrustedPath    ResultType = 102
	ResultCorruptedPath    ResultType = 103
	ResultSetPhase         ResultType = 104 // name of the phase
	ResultProgress         ResultType = 105 // done, expected, running, failed
	ResultSetExpected      ResultType = 106 // type of activity, number
	ResultPostBuildLogLine ResultType = 107 // line
	ResultFetchStatus      ResultType = 108 // text
)

// Progress is how far an activity is: in bytes for copies, in builds for builds.
type Progress struct{ Done, Expected, Running, Failed uint64 }

// Progress returns what a [ResultProgress] tells.
func (r Result) Progress() (p Progress, ok bool) {
	if r.Type != ResultProgress || len(r.Fields) < 4 {
		return Progress{}, false
	}
	return Progress{r.Fields[0].Number, r.Fields[1].Number, r.Fields[2].Number, r.Fields[3].Number}, true
}

// LogLine returns the line of a build's log that a [ResultBuildLogLine] tells.
func (r Result) LogLine() (line string, ok bool) {
	if r.Type != ResultBuildLogLine && r.Type != ResultPostBuildLogLine || len(r.Fields) < 1 {
		return "", false
	}
	return r.Fields[0].Text, true
}

// Phase returns the phase that a [ResultSetPhase] tells.
func (r Result) Phase() (phase string, ok bool) {
	if r.Type != ResultSetPhase || len(r.Fields) < 1 {
		return "", false
	}
	return r.Fields[0].Text, true
}

// Expected returns what a [ResultSetExpected] tells: how much of a type of
// activity is to come.
func (r Result) Expected() (of ActivityType, number uint64, ok bool) {
	if r.Type != ResultSetExpected || len(r.Fields) < 2 {
		return 0, 0, false
	}
	return ActivityType(r.Fields[0].Number), r.Fields[1].Number, true
}

// Kind is the kind of error that the line tells of; [KindOther] where it is none.
func (l Line) Kind() Kind { return kindOf(plain(l.Text)) }
