// Package auth answers who is signed in, and whether that is still good. It
// owns accounts, credentials, mailed codes, one-time tickets, sessions and the
// keys that sign short tokens (schema "auth").
//
// # Ways in
//
//	mailed code      RequestCode → SignInWithCode       role patient only
//	one-time ticket  EnsureAccount → SignInWithTicket   role patient only
//	password         SignInWithPassword                 accounts that are only a patient's
//	password + TOTP  SignInWithPassword                 all roles of the account
//	  or a recovery code, each good once
//	invitation       FinishEnrollment                   all roles, with a new password and TOTP
//	demo             SignInDemo                         all roles of a demo account, in demo only
//
// A session holds the roles that its sign-in has proven, and a constraint of
// the table says the same: a mailbox alone never opens more than a patient's
// session, whatever else its owner may be.
//
// # States
//
// A challenge (mailed code), judged by the database's clock:
//
//	           5 wrong tries ──▶ spent
//	open ──────10 minutes──────▶ expired
//	           right code ─────▶ used
//
// A ticket:
//
//	open ──5 minutes──▶ expired          one proof makes one ticket, ever:
//	     ──redeemed───▶ used             repeats return the same one
//
// A link that was mailed (invitation 7 days, new address 24 hours, forgotten
// password 30 minutes):
//
//	open ──its time──▶ expired
//	     ──pressed───▶ ended      by the transaction of what it does
//	     ──a newer one (new address, invitation), another address, account disabled──▶ ended
//
// A password, by failed sign-ins in a row:
//
//	open ──100 failed──▶ closed, its owner is told
//	  ▲                    │
//	  └──── set anew ──────┘     a good sign-in forgets the failed ones
//
// A lost mailbox that is replaced takes the password with it: who reads the old
// one may know it. A mailed code opens the account, and a new one can be set.
//
// A session, which only Renew, SignOut and the revocations move:
//
//	        renewed (last_seen_at moves, at most once a minute)
//	          ┌──┐
//	live ─────┘  └──▶ live
//	live ──idle 30 min (60 for physicians only)──▶ idle: session_idle
//	live ──12 hours, revoked, account disabled, role lost──▶ ended: session_ended
//
// Idle and absolute ends are judged, not written: no job has to run for a
// session to end. The strictest of a session's roles sets its idle limit.
// Because a token lives for five minutes between renewals, a session may end up
// to five minutes before its idle limit, never after.
//
// A short token (Ed25519, five minutes) is verified in any process without a
// call: see packages principal, verify and revoked. A signing key:
//
//	published ──10 min──▶ signing ──the next signs──▶ verifying ──1 h──▶ retired
//
// # What nobody learns
//
// RequestCode does the same for an unknown address as for a known one: one
// throttle, one row (a decoy), one job (which finds nobody to write to), one
// audit row; so does RequestPasswordReset. SignInWithPassword costs the same
// statements, one argon2id hash and one audit row, whatever is wrong. Disabled accounts answer like wrong passwords.
// Throttles count before anything is looked up, by keyed hash of the address:
// per account, per account and client, per client.
//
// A new address that is somebody's already is told only in the mail to it.
//
// # Who may do what to whom
//
// A session that has proven less than its account holds changes neither its
// password nor its address: a mailbox must not become staff's first factor.
// Changing either takes fresh proof besides: a code of the authenticator from
// who works here, the password from a patient who has one; tries and failures
// count with those of signing in. A patient without one brings a mailed code for
// a first password; for a new address their session is enough.
//
// An ID check by staff replaces a patient's lost mailbox (StartEmailReplacement)
// and nobody's who works here: that is an administrator's to help, after an ID
// check of their own (ChangeEmail). In both cases a link that went to the new
// address makes the change.
//
// Administrators give and take roles, disable, and reset a second factor after
// an ID check, of others only. All who administer are locked for that, so that
// of two who take the role from each other at once the second no longer has
// it: one is always left. Whoever loses a role, or all, is signed out in the
// same transaction.
//
// Codes, tickets, links and session secrets are stored as keyed hashes; authenticator
// secrets, signing keys and codes on their way to the mail are sealed. No
// address appears in a log, a job or the audit trail; the feed "addresses",
// which only services read, carries the newest of each account that changed it.
//
// # How it fails
//
//   - Postgres away: nobody signs in or renews (errs.Unavailable). Who is signed
//     in goes on in every process until the token's end and, since the feed is
//     then silent, a grace of 15 minutes.
//   - Redis away: throttles count per process; revocations arrive by poll within
//     half a second. Nobody is signed out.
//   - Mail away: codes wait in the job queue and are dropped at their end.
//   - Too many password hashes at once: errs.Unavailable "sign_in_busy" after 2
//     seconds in line, so that renewals of those who are in stay quick.
//   - Another keyset than the one that sealed the signing keys: not ready.
//
// # Refusals
//
// credentials_wrong, password_wrong, totp_wrong, code_wrong, code_expired,
// code_spent, ticket_spent, session_ended, session_idle, too_many_tries,
// sign_in_busy, second_factor_needed, session_unknown, demo_off,
// demo_account_missing, account_disabled, account_unknown, own_account,
// works_here, enrolled, link_gone, email_taken, account_changed, proof_reused, and
// invalid_fields with email/not_an_address, new_email/{not_an_address,same},
// password/{too_short,too_long,too_common,not_text,missing},
// old_password/missing, totp/missing, code/missing,
// proof/malformed, role/{unknown,not_by_mail}, roles/missing, id_check/missing.
//
// # Callers
//
// web: every sign-in, Renew, devices, accounts, administration. enrollment:
// EnsureAccount after an activation, the feed "addresses", SignInEmail on demand,
// StartEmailReplacement after an ID check. The command line: the first
// administrator. Every process: Keys and the feed "revocations".
package auth
