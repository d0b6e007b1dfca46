// Package cache reaches Redis, which is a doorbell and a counter here, never
// the truth. Wipe it, stop it, slow it: doorbells are missed and polling finds
// the change a moment later; throttles count in this process alone until it is
// back. Nothing about a person is stored in the clear.
package cache
