package x12

import "fmt"

// Position is where a segment stands in a file.
type Position struct {
	// Segment is the number of the segment in the file, from 1; 0 where no
	// segment could be made out.
	Segment int64
	// ID is the segment's name, such as "DTP".
	ID string
	// Offset is the byte at which the segment begins.
	Offset int64
}

// Finding is something odd about a file that did not stop the reading.
type Finding struct {
	Pos Position
	// Element is the element meant, such as "SE01"; it may be empty.
	Element string
	// Reason is stable, for programs: "wrong_count".
	Reason string
	// Message says in plain words what was wrong and what was done.
	Message string
}

// Fault is something wrong with one member's record.
type Fault struct {
	Finding
	// Fatal means that the record must not be applied.
	Fatal bool
}

// Refusal is the error of a file that must not be used at all.
type Refusal struct {
	Finding
	// Cause is the error of the source, if that is what failed.
	Cause error
}

// Error says where and why.
func (r *Refusal) Error() string {
	if r.Pos.Segment == 0 {
		return r.Message
	}
	return fmt.Sprintf("segment %d (%s) at byte %d: %s", r.Pos.Segment, r.Pos.ID, r.Pos.Offset, r.Message)
}

// Unwrap returns the error of the source.
func (r *Refusal) Unwrap() error { return r.Cause }

func refuse(pos Position, element, reason, format string, args ...any) *Refusal {
	return &Refusal{Finding: Finding{Pos: pos, Element: element, Reason: reason, Message: fmt.Sprintf(format, args...)}}
}
