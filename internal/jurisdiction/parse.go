package jurisdiction

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a machine without zone files must judge the same days

	"gopkg.in/yaml.v3"
)

type file struct {
	State  string             `yaml:"state"`
	Name   string             `yaml:"name"`
	Topics map[string][]entry `yaml:"topics"`
}

type entry struct {
	Value         string `yaml:"value"`
	Detail        string `yaml:"detail"`
	Citation      string `yaml:"citation"`
	Source        string `yaml:"source"`
	AsOf          string `yaml:"as_of"`
	Basis         string `yaml:"basis"`
	EffectiveFrom string `yaml:"effective_from"`
	EffectiveTo   string `yaml:"effective_to"`
}

// Parse reads one rule file and refuses whatever it does not understand:
// unknown keys, topics and values, a citation without a source, entries that
// overlap. The error lists every fault with its topic.
func Parse(data []byte) (Rules, error) {
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return Rules{}, fmt.Errorf("reading rule file: %w", err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return Rules{}, errors.New("reading rule file: more than one document")
	}
	sum := sha256.Sum256(data)
	rules := Rules{
		State: f.State, Name: f.Name, Version: hex.EncodeToString(sum[:8]),
		Topics: make(map[Topic][]Entry, len(f.Topics)),
	}
	p := parser{rules: &rules}
	p.head(f)
	for name, entries := range f.Topics {
		p.topic(Topic(name), entries)
	}
	if len(p.faults) > 0 {
		slices.Sort(p.faults)
		return Rules{}, fmt.Errorf("rule file %q: %s", f.State, strings.Join(p.faults, "; "))
	}
	return rules, nil
}

type parser struct {
	rules  *Rules
	faults []string
}

func (p *parser) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

func (p *parser) head(f file) {
	want := StateTopics()
	if f.State == FederalState {
		want = FederalTopics()
	} else if len(f.State) != 2 || strings.ToUpper(f.State) != f.State {
		p.fault("state: want a USPS code")
	}
	if f.Name == "" {
		p.fault("name: missing")
	}
	for _, t := range want {
		if len(f.Topics[string(t)]) == 0 {
			p.fault("%s: missing", t)
		}
	}
	for name := range f.Topics {
		if !slices.Contains(want, Topic(name)) {
			p.fault("%s: no such topic", name)
		}
	}
}

func (p *parser) topic(t Topic, entries []entry) {
	var out []Entry
	for i, raw := range entries {
		where := fmt.Sprintf("%s[%d]", t, i)
		e := p.entry(where, raw)
		if t == TopicTimeZones {
			p.zones(where, raw.Value)
		} else if !slices.Contains(valuesOf(t), raw.Value) {
			p.fault("%s: value %q is none of %s", where, raw.Value, strings.Join(valuesOf(t), ", "))
		}
		for _, other := range out {
			if overlap(e, other) {
				p.fault("%s: overlaps an earlier entry", where)
			}
		}
		out = append(out, e)
	}
	if t == TopicTimeZones && len(entries) > 1 {
		p.fault("%s: one entry only", t)
	}
	p.rules.Topics[t] = out
}

func (p *parser) entry(where string, raw entry) Entry {
	e := Entry{
		Value: raw.Value, Detail: raw.Detail, Citation: raw.Citation,
		Source: raw.Source, AsOf: raw.AsOf, Evidence: Evidence(raw.Basis),
		EffectiveFrom: p.date(where+".effective_from", raw.EffectiveFrom),
		EffectiveTo:   p.date(where+".effective_to", raw.EffectiveTo),
	}
	if e.EffectiveTo != 0 && e.EffectiveTo < e.EffectiveFrom {
		p.fault("%s: ends before it begins", where)
	}
	if !asOfReadable(e.AsOf) {
		p.fault("%s.as_of: want YYYY, YYYY-MM or YYYY-MM-DD", where)
	}
	switch e.Evidence {
	case EvidenceStatute, EvidenceSecondary, EvidenceInferred, EvidenceUnverified:
		if e.Source == "" {
			p.fault("%s: basis %q without a source", where, raw.Basis)
		}
	case EvidenceUnknown:
		if e.Citation != "" || e.Source != "" {
			p.fault("%s: basis unknown with a citation or source", where)
		}
	default:
		p.fault("%s: basis %q is not known", where, raw.Basis)
	}
	if e.Evidence == EvidenceStatute && e.Citation == "" {
		p.fault("%s: basis statute without a citation", where)
	}
	return e
}

func (p *parser) date(where, s string) Date {
	if s == "" {
		return 0
	}
	d, err := ParseDate(s)
	if err != nil {
		p.fault("%s: %v", where, err)
	}
	return d
}

func (p *parser) zones(where, value string) {
	names := strings.Fields(value)
	if len(names) == 0 {
		p.fault("%s: no time zone", where)
	}
	for _, name := range names {
		zone, err := time.LoadLocation(name)
		if err != nil || name == "Local" || name == "UTC" {
			p.fault("%s: time zone %q is not known", where, name)
			continue
		}
		p.rules.Zones = append(p.rules.Zones, zone)
	}
}

func overlap(a, b Entry) bool {
	return (a.EffectiveTo == 0 || b.EffectiveFrom <= a.EffectiveTo) &&
		(b.EffectiveTo == 0 || a.EffectiveFrom <= b.EffectiveTo)
}

// asOfReadable accepts what sources give: a year, a month, a day, or nothing.
func asOfReadable(s string) bool {
	if s == "" {
		return true
	}
	for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}
