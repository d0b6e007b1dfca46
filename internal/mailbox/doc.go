// Package mailbox catches the mail that the portal sends on a developer's machine: an SMTP server that accepts
// everything and delivers nothing, and pages that show it. Mail is kept in memory, the newest ones only, and is gone
// with the process.
//
// An address whose local part begins with "bounce" is refused for good (550 5.1.1), so that bounces can be tried.
//
//	/            the inbox (?to= narrows it to one recipient)
//	/mail/ID     one mail, its links clickable, its attachments to download
//	/mail.json   the same for programs (?to=, ?after=ID)
//
// It is for development and tests: it listens where it is told to, normally on the loopback address, and asks nobody
// who they are.
package mailbox
