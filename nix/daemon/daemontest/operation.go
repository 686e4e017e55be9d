package daemontest

import (
	"fmt"

	"luminousnix/nix/daemon/internal/wire"
)

// Operation is an operation's number in the protocol.
type Operation uint64

// The operations, and two that are none: a [Fault] is for any, or for the
// handshake, with the latter.
const (
	OpAny                         Operation = 0
	OpIsValidPath                 Operation = wire.IsValidPath
	OpQueryReferrers              Operation = wire.QueryReferrers
	OpAddToStore                  Operation = wire.AddToStore
	OpBuildPaths                  Operation = wire.BuildPaths
	OpEnsurePath                  Operation = wire.EnsurePath
	OpAddTempRoot                 Operation = wire.AddTempRoot
	OpAddIndirectRoot             Operation = wire.AddIndirectRoot
	OpFindRoots                   Operation = wire.FindRoots
	OpSetOptions                  Operation = wire.SetOptions
	OpCollectGarbage              Operation = wire.CollectGarbage
	OpQuerySubstitutablePathInfo  Operation = wire.QuerySubstitutablePathInfo
	OpQueryAllValidPaths          Operation = wire.QueryAllValidPaths
	OpQueryPathInfo               Operation = wire.QueryPathInfo
	OpQueryPathFromHashPart       Operation = wire.QueryPathFromHashPart
	OpQuerySubstitutablePathInfos Operation = wire.QuerySubstitutablePathInfos
	OpQueryValidPaths             Operation = wire.QueryValidPaths
	OpQuerySubstitutablePaths     Operation = wire.QuerySubstitutablePaths
	OpQueryValidDerivers          Operation = wire.QueryValidDerivers
	OpOptimiseStore               Operation = wire.OptimiseStore
	OpVerifyStore                 Operation = wire.VerifyStore
	OpBuildDerivation             Operation = wire.BuildDerivation
	OpAddSignatures               Operation = wire.AddSignatures
	OpNarFromPath                 Operation = wire.NarFromPath
	OpAddToStoreNar               Operation = wire.AddToStoreNar
	OpQueryMissing                Operation = wire.QueryMissing
	OpQueryDerivationOutputMap    Operation = wire.QueryDerivationOutputMap
	OpRegisterDrvOutput           Operation = wire.RegisterDrvOutput
	OpQueryRealisation            Operation = wire.QueryRealisation
	OpAddMultipleToStore          Operation = wire.AddMultipleToStore
	OpAddBuildLog                 Operation = wire.AddBuildLog
	OpBuildPathsWithResults       Operation = wire.BuildPathsWithResults
	OpAddPermRoot                 Operation = wire.AddPermRoot
	OpHandshake                   Operation = 1 << 63
)

// handler returns what answers an operation, nil for those that are not known in
// the version of the protocol that the server speaks.
func (op Operation) handler(minor int) func(*connection) error {
	switch {
	case op == OpBuildPathsWithResults && minor < wire.SinceBuildResults, op == OpAddPermRoot && minor < wire.SincePermRoot:
		return nil
	}
	switch op {
	case OpIsValidPath:
		return (*connection).isValidPath
	case OpQueryReferrers:
		return (*connection).queryReferrers
	case OpAddToStore:
		return (*connection).addToStore
	case OpBuildPaths:
		return (*connection).buildPaths
	case OpEnsurePath:
		return (*connection).ensurePath
	case OpAddTempRoot:
		return (*connection).addTempRoot
	case OpAddIndirectRoot:
		return (*connection).addIndirectRoot
	case OpFindRoots:
		return (*connection).findRoots
	case OpSetOptions:
		return (*connection).setOptions
	case OpCollectGarbage:
		return (*connection).collectGarbage
	case OpQuerySubstitutablePathInfo:
		return (*connection).querySubstitutablePathInfo
	case OpQueryAllValidPaths:
		return (*connection).queryAllValidPaths
	case OpQueryPathInfo:
		return (*connection).queryPathInfo
	case OpQueryPathFromHashPart:
		return (*connection).queryPathFromHashPart
	case OpQuerySubstitutablePathInfos:
		return (*connection).querySubstitutablePathInfos
	case OpQueryValidPaths:
		return (*connection).queryValidPaths
	case OpQuerySubstitutablePaths:
		return (*connection).querySubstitutablePaths
	case OpQueryValidDerivers:
		return (*connection).queryValidDerivers
	case OpOptimiseStore:
		return (*connection).optimiseStore
	case OpVerifyStore:
		return (*connection).verifyStore
	case OpBuildDerivation:
		return (*connection).buildDerivation
	case OpAddSignatures:
		return (*connection).addSignatures
	case OpNarFromPath:
		return (*connection).narFromPath
	case OpAddToStoreNar:
		return (*connection).addToStoreNar
	case OpQueryMissing:
		return (*connection).queryMissing
	case OpQueryDerivationOutputMap:
		return (*connection).queryDerivationOutputMap
	case OpRegisterDrvOutput:
		return (*connection).registerDrvOutput
	case OpQueryRealisation:
		return (*connection).queryRealisation
	case OpAddMultipleToStore:
		return (*connection).addMultipleToStore
	case OpAddBuildLog:
		return (*connection).addBuildLog
	case OpBuildPathsWithResults:
		return (*connection).buildPathsWithResults
	case OpAddPermRoot:
		return (*connection).addPermRoot
	}
	return nil
}

// unknownOperation is what a daemon says of a number that it does not know.
func unknownOperation(op Operation) error {
	return &failure{message: fmt.Sprintf("invalid operation %d", uint64(op))}
}
