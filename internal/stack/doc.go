// Package stack starts and supervises what the portal needs on one machine: a private Postgres primary, a streaming
// standby and Redis, all below one data folder.
//
//	Dir/lock      held by flock for as long as a stack runs; its text says who holds it and where to connect
//	Dir/primary   the Postgres data folder      Dir/standby  its streaming copy, rebuilt whenever it cannot follow
//	Dir/redis     Redis' working folder (nothing is persisted there)
//	Dir/run       unix sockets, reachable by the owner only
//	Dir/log       one log file per child
//
// Postgres listens on unix sockets only, so it never takes a port and nobody else on the machine can reach it. Run by
// root, the children run as the user postgres; otherwise as oneself.
//
// How it fails: children carry a parent-death signal, so a killed portal leaves none behind; what still runs in the
// data folder at the next start is stopped first. A child that ends by itself is started again, and after five times
// within a minute the whole stack is given up, which Failed tells. Half-made data folders never count: they are made
// under another name and renamed when they are complete.
package stack
