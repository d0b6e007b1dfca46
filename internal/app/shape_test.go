package app

import (
	"fmt"
	"regexp"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// shape is what must be the same of two answers: which fields are there and
// what they say, without ids, times, secrets and counters. A list counts as
// the set of what its elements say; of offered times only which fields they
// have, because time goes on from one answer to the other.
func shape(m proto.Message) []string {
	seen := map[string]bool{}
	walk(m.ProtoReflect(), "", false, seen)
	out := make([]string, 0, len(seen))
	for line := range seen {
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// passing lists messages that depend on the moment.
func passing() []protoreflect.FullName {
	return []protoreflect.FullName{
		"bedside.scheduling.v1.Slot", "bedside.scheduling.v1.DayCount", "bedside.scheduling.v1.PhysicianChoice",
		"bedside.auth.v1.Device", "bedside.auth.v1.Key", "bedside.auth.v1.Authenticator", "bedside.enrollment.v1.DeskInvitation",
		"bedside.feed.v1.Change", "bedside.feed.v1.Cursor",
	}
}

func walk(m protoreflect.Message, path string, loose bool, seen map[string]bool) {
	loose = loose || slices.Contains(passing(), m.Descriptor().FullName())
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		at := path + "." + string(f.Name())
		switch {
		case f.IsMap():
			seen[at+" map"] = true
		case f.IsList():
			for i := range v.List().Len() {
				one(f, v.List().Get(i), at+"[]", loose, seen)
			}
		default:
			one(f, v, at, loose, seen)
		}
		return true
	})
}

func one(f protoreflect.FieldDescriptor, v protoreflect.Value, at string, loose bool, seen map[string]bool) {
	switch f.Kind() {
	case protoreflect.MessageKind:
		if loose && f.Message().FullName() == "google.protobuf.Timestamp" {
			return // it may not have come yet
		}
		seen[at] = true
		if f.Message().FullName() != "google.protobuf.Timestamp" {
			walk(v.Message(), at, loose, seen)
		}
	case protoreflect.StringKind:
		seen[at+" = "+said(v.String(), loose)] = true
	case protoreflect.BoolKind, protoreflect.EnumKind:
		seen[fmt.Sprintf("%s = %v", at, v)] = true
	default:
		seen[at+" "+f.Kind().String()] = true
	}
}

var variable = []struct {
	kind string
	fits *regexp.Regexp
}{
	{"id", regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)},
	{"reference", regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}$`)},
	{"code", regexp.MustCompile(`^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$`)},
	{"date", regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)},
	{"secret", regexp.MustCompile(`^[A-Za-z0-9_.-]{40,}$`)},
}

// said is a text, or what kind of text it is where it varies.
func said(text string, loose bool) string {
	for _, v := range variable {
		if v.fits.MatchString(text) {
			return "<" + v.kind + ">"
		}
	}
	if loose {
		return "<text>"
	}
	return text
}
