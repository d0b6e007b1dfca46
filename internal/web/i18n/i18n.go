// Package i18n holds every sentence that a page shows, by key, in each
// language, and writes dates, times, zones and money the way each language
// does.
//
// Catalogs are YAML files, one folder a language and one file an area, with
// flat keys. A value is a text, or a mapping with the plural forms "one" and
// "other", or a mapping with "text" and who reviewed it ("by", "on") for words
// that are clinical, about emergencies, or a consent. Texts may hold {name}
// placeholders; Rich texts also **bold** and [link text](name).
package i18n

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed en/*.yaml es/*.yaml
var files embed.FS

// Key names a text of the catalogs.
type Key string

// Entry is one text of one language.
type Entry struct {
	One, Other string
	// By and On say who reviewed the words and when (YYYY-MM-DD).
	By, On string
	// File is where the entry stands, such as "en/common.yaml".
	File string
}

// Catalog is one language.
type Catalog struct {
	lang    string
	entries map[Key]Entry
}

// Languages lists the languages that pages exist in, the default first.
func Languages() []string { return []string{"en", "es"} }

// catalogs are parsed once: they are part of the binary and cannot change.
var catalogs = sync.OnceValues(func() (map[string]*Catalog, error) {
	all := map[string]*Catalog{}
	for _, lang := range Languages() {
		c, err := read(files, lang)
		if err != nil {
			return nil, fmt.Errorf("reading the %s catalog: %w", lang, err)
		}
		all[lang] = c
	}
	return all, nil
})

// Check says whether the catalogs can be read; call it once at start.
func Check() error {
	_, err := catalogs()
	return err
}

func read(from fs.FS, lang string) (*Catalog, error) {
	c := &Catalog{lang: lang, entries: map[Key]Entry{}}
	list, err := fs.Glob(from, lang+"/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range list {
		body, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		var raw map[Key]yaml.Node
		if err := yaml.Unmarshal(body, &raw); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		for key, node := range raw {
			e, err := entry(&node)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path.Base(name), key, err)
			}
			if _, twice := c.entries[key]; twice {
				return nil, fmt.Errorf("%s: %s stands twice", path.Base(name), key)
			}
			e.File = name
			c.entries[key] = e
		}
	}
	return c, nil
}

func entry(node *yaml.Node) (Entry, error) {
	if node.Kind == yaml.ScalarNode {
		return Entry{Other: node.Value}, nil
	}
	var m struct {
		Text  string `yaml:"text"`
		One   string `yaml:"one"`
		Other string `yaml:"other"`
		By    string `yaml:"by"`
		On    string `yaml:"on"`
	}
	if err := node.Decode(&m); err != nil {
		return Entry{}, err
	}
	e := Entry{One: m.One, Other: m.Other, By: m.By, On: m.On}
	if m.Text != "" {
		e.Other = m.Text
	}
	if e.Other == "" {
		return Entry{}, fmt.Errorf("neither text nor other")
	}
	return e, nil
}

// Entries lists a language's texts, for checks.
func Entries(lang string) map[Key]Entry {
	all, err := catalogs()
	if err != nil || all[lang] == nil {
		return nil
	}
	out := make(map[Key]Entry, len(all[lang].entries))
	for k, e := range all[lang].entries {
		out[k] = e
	}
	return out
}

// Locale speaks one language.
type Locale struct{ cat *Catalog }

// In is the locale of a language; of English for one that has no pages.
func In(lang string) Locale {
	all, err := catalogs()
	if err != nil {
		return Locale{&Catalog{lang: "en", entries: map[Key]Entry{}}}
	}
	if c, ok := all[lang]; ok {
		return Locale{c}
	}
	return Locale{all["en"]}
}

type localeKey struct{}

// With puts a locale into the context of a page.
func With(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// From is the locale of the page being written.
func From(ctx context.Context) Locale {
	if l, ok := ctx.Value(localeKey{}).(Locale); ok {
		return l
	}
	return In("en")
}

// T is the text of a key in the language of the page. Arguments are pairs of
// placeholder name and value; "n" also picks the plural form.
func T(ctx context.Context, key Key, args ...any) string { return From(ctx).T(key, args...) }

// Lang is the BCP 47 code of the language.
func (l Locale) Lang() string { return l.cat.lang }

// Has says whether the key exists.
func (l Locale) Has(key Key) bool {
	_, ok := l.cat.entries[key]
	return ok
}

// T is the text of a key. A missing key shows itself in brackets that a test
// looks for.
func (l Locale) T(key Key, args ...any) string {
	e, ok := l.cat.entries[key]
	if !ok {
		return "⟦" + string(key) + "⟧"
	}
	text := e.Other
	if e.One != "" && isOne(args) {
		text = e.One
	}
	return fill(text, args)
}

// isOne picks the plural form: English and Spanish both have two.
func isOne(args []any) bool {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == "n" {
			return word(args[i+1]) == "1"
		}
	}
	return false
}

func fill(text string, args []any) string {
	for i := 0; i+1 < len(args) && strings.IndexByte(text, '{') >= 0; i += 2 {
		text = strings.ReplaceAll(text, "{"+word(args[i])+"}", word(args[i+1]))
	}
	return text
}

// word writes a value as fmt.Sprint does; most are texts and numbers.
func word(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int32:
		return strconv.FormatInt(int64(v), 10)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return fmt.Sprint(v)
}
