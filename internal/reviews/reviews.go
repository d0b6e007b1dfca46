// Package reviews binds the words that can harm somebody (clinical advice, what
// to do in an emergency, what people consent to) to those who read them. A
// review names the exact words by their hash, so that it ends when a word
// changes. Reviews stand in a file of the operator's, outside of the binary.
package reviews

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Pending stands in a catalog where nobody has read a text yet.
const Pending = "pending"

// Text is one text in one language that must be read by somebody qualified
// before patients may see it.
type Text struct {
	Name, Language, Words string
	// By and On are the review that came with the words, if any did.
	By, On string
}

// Hash is the exact words in short.
func (t Text) Hash() string {
	sum := sha256.Sum256([]byte(t.Words))
	return hex.EncodeToString(sum[:])
}

// Review says who read which words.
type Review struct {
	Text     string `yaml:"text"`
	Language string `yaml:"language"`
	Hash     string `yaml:"hash"`
	Reviewer string `yaml:"reviewer"`
	Role     string `yaml:"role"`
	Date     string `yaml:"date"`
}

// Load reads the operator's file; no name is no reviews.
func Load(path string, now time.Time) ([]Review, error) {
	if path == "" {
		return nil, nil
	}
	body, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("opening the reviews: %w", err)
	}
	list, err := Parse(body, now)
	if err != nil {
		return nil, fmt.Errorf("reading the reviews in %s: %w", path, err)
	}
	return list, nil
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Parse reads reviews and refuses what it does not understand, with every fault
// at once.
func Parse(body []byte, now time.Time) ([]Review, error) {
	var file struct {
		Reviews []Review `yaml:"reviews"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(body))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var faults []error
	seen := map[string]bool{}
	for i, r := range file.Reviews {
		for _, why := range r.faults(now) {
			faults = append(faults, fmt.Errorf("review %d (%s, %s): %s", i+1, r.Text, r.Language, why))
		}
		if id := r.Text + " " + r.Language + " " + r.Hash; seen[id] {
			faults = append(faults, fmt.Errorf("review %d (%s, %s): it stands twice", i+1, r.Text, r.Language))
		} else {
			seen[id] = true
		}
	}
	return file.Reviews, errors.Join(faults...)
}

func (r Review) faults(now time.Time) []string {
	var out []string
	for name, value := range map[string]string{"text": r.Text, "language": r.Language, "reviewer": r.Reviewer, "role": r.Role} {
		if strings.TrimSpace(value) == "" || value == Pending {
			out = append(out, name+" is missing")
		}
	}
	if !hash.MatchString(r.Hash) {
		out = append(out, "hash is not the 64 digits that `bedside texts list` prints")
	}
	day, err := time.Parse(time.DateOnly, r.Date)
	switch {
	case err != nil:
		out = append(out, "date is not a day written YYYY-MM-DD")
	case day.After(now.Add(24 * time.Hour)):
		out = append(out, "date is in the future")
	}
	return out
}

// State says how a text stands.
type State string

// The states: read as it is, read before a word changed, never read.
const (
	Reviewed State = "reviewed"
	Changed  State = "changed"
	Unread   State = "unreviewed"
)

// Standing is a text with how it stands and whose review counts.
type Standing struct {
	Text
	State    State
	Reviewer string
	Date     string
}

// Judge holds texts against reviews, in the order of the texts.
func Judge(texts []Text, list []Review) []Standing {
	out := make([]Standing, len(texts))
	for i, t := range texts {
		out[i] = Standing{Text: t, State: Unread}
		if _, err := time.Parse(time.DateOnly, t.On); err == nil && t.By != "" && t.By != Pending {
			out[i].State, out[i].Reviewer, out[i].Date = Reviewed, t.By, t.On
		}
		for _, r := range list {
			switch {
			case r.Text != t.Name || r.Language != t.Language:
			case r.Hash == t.Hash():
				out[i].State, out[i].Reviewer, out[i].Date = Reviewed, r.Reviewer+", "+r.Role, r.Date
			case out[i].State == Unread:
				out[i].State, out[i].Reviewer, out[i].Date = Changed, r.Reviewer+", "+r.Role, r.Date
			}
		}
	}
	return out
}

// Refuse lists every text that nobody has read as it is; nil if there is none.
func Refuse(all []Standing) error {
	var lines []string
	for _, s := range all {
		switch s.State {
		case Unread:
			lines = append(lines, fmt.Sprintf("  %s (%s): nobody has reviewed it", s.Name, s.Language))
		case Changed:
			lines = append(lines, fmt.Sprintf("  %s (%s): its words changed after the review of %s", s.Name, s.Language, s.Date))
		case Reviewed:
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return fmt.Errorf("%d texts about health, emergencies or consent must be reviewed by somebody qualified before patients see them:\n%s\n"+
		"`bedside texts list --unreviewed` prints them with their hashes; name the file with the reviews in BEDSIDE_REVIEWS", len(lines), strings.Join(lines, "\n"))
}
