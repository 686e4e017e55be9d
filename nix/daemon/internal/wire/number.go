package wire

// The first word of each side.
const (
	ClientMagic = 0x6e697863
	DaemonMagic = 0x6478696f
)

// The messages that a daemon sends before its reply.
const (
	Last          = 0x616c7473 // the reply follows
	Failed        = 0x63787470 // an error, and no reply
	Next          = 0x6f6c6d67 // text for the log
	StartActivity = 0x53545254
	StopActivity  = 0x53544f50
	Result        = 0x52534c54 // of an activity
)

// The operations.
const (
	IsValidPath                 = 1
	QueryReferrers              = 6
	AddToStore                  = 7
	BuildPaths                  = 9
	EnsurePath                  = 10
	AddTempRoot                 = 11
	AddIndirectRoot             = 12
	FindRoots                   = 14
	SetOptions                  = 19
	CollectGarbage              = 20
	QuerySubstitutablePathInfo  = 21
	QueryAllValidPaths          = 23
	QueryPathInfo               = 26
	QueryPathFromHashPart       = 29
	QuerySubstitutablePathInfos = 30
	QueryValidPaths             = 31
	QuerySubstitutablePaths     = 32
	QueryValidDerivers          = 33
	OptimiseStore               = 34
	VerifyStore                 = 35
	BuildDerivation             = 36
	AddSignatures               = 37
	NarFromPath                 = 38
	AddToStoreNar               = 39
	QueryMissing                = 40
	QueryDerivationOutputMap    = 41
	RegisterDrvOutput           = 42
	QueryRealisation            = 43
	AddMultipleToStore          = 44
	AddBuildLog                 = 45
	BuildPathsWithResults       = 46
	AddPermRoot                 = 47
)

// The protocol versions from which something is sent.
const (
	SinceNixVersion   = 33
	SinceBuildResults = 34
	SinceTrust        = 35
	SincePermRoot     = 36
	SinceCPUTimes     = 37
	SinceFeatures     = 38
)
