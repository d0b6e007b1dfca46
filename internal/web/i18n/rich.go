package i18n

import "strings"

// Span is a piece of a rich text.
type Span struct {
	Text string
	Bold bool
	// Href is set where the piece is a link.
	Href string
}

// Rich is a text with **bold** and [link](name) marks; the links' addresses
// are given as arguments of that name. Values filled in are never read as
// marks.
func (l Locale) Rich(key Key, args ...any) []Span {
	e, ok := l.cat.entries[key]
	if !ok {
		return []Span{{Text: l.T(key)}}
	}
	text := e.Other
	if e.One != "" && isOne(args) {
		text = e.One
	}
	return spans(text, args)
}

func spans(text string, args []any) []Span {
	var out []Span
	for text != "" {
		i := strings.IndexAny(text, "*[")
		if i < 0 {
			return append(out, Span{Text: fill(text, args)})
		}
		s, rest, ok := mark(text[i:], args)
		if !ok {
			// A lone sign is only a sign.
			out = append(out, Span{Text: fill(text[:i+1], args)})
			text = text[i+1:]
			continue
		}
		if i > 0 {
			out = append(out, Span{Text: fill(text[:i], args)})
		}
		out, text = append(out, s), rest
	}
	return out
}

// mark reads one mark at the start of text.
func mark(text string, args []any) (s Span, rest string, ok bool) {
	if after, found := strings.CutPrefix(text, "**"); found {
		inner, rest, closed := strings.Cut(after, "**")
		return Span{Text: fill(inner, args), Bold: true}, rest, closed
	}
	after, found := strings.CutPrefix(text, "[")
	if !found {
		return Span{}, "", false
	}
	inner, rest, closed := strings.Cut(after, "](")
	if !closed {
		return Span{}, "", false
	}
	name, rest, closed := strings.Cut(rest, ")")
	return Span{Text: fill(inner, args), Href: fill("{"+name+"}", args)}, rest, closed
}
