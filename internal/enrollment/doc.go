// Package enrollment answers: who is this patient, who may act for them, are
// they covered on that date.
package enrollment
