// Package contacts is the part of enrollment that keeps how a patient is
// reached, as far as the patient says so, and shows what was agreed to for
// them.
//
// A contact point comes from a roster or from the patient. The best one of each
// kind counts: what was proven, then what was typed, then what a roster says;
// see people.Publish, which tells it to others. What a patient typed is
// replaced as a whole, and an empty value goes back to the roster's. A roster
// never changes what a patient typed.
//
// The address for mail is the one that the account signs in with. Auth proves
// it and publishes each change (feed "addresses"), which is applied here, also
// of what was changed while enrollment was away. FollowSignInEmail does the same
// at once, for whoever looks at their account right after the change, and for a
// patient whose mail has gone elsewhere all along. It asks auth for the address,
// trusts nothing that its caller says but whose account it is, and may be called
// at any time, any number of times.
//
// # How it fails
//
// Without auth FollowSignInEmail fails and nothing changes, and the feed goes on
// from its place when auth is back; all else goes on.
package contacts
