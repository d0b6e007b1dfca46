// Package rpc is the one path of every call between services. The client is
// generated; whether it reaches a handler in this process or over the network
// is decided once, at boot, by Network.
//
// What crosses a call, in either mode: the message, a deadline, the request
// and trace ids, a proof that one of our own processes calls, the caller's
// session token (unless the service calls on nobody's behalf), the WAL position that the caller must see; on the way back the
// message or an errs.Error, and the position after the call. Nothing else
// does: the isolating interceptor hides the caller's context values, turns
// every other error into "internal" (logged here, once) and stops panics, so
// that what passes in one process also passes when split.
//
// Permission is an option on the RPC method (bedside.rpc.v1.access), checked
// here before the handler runs. A method without the option is refused to all.
package rpc
