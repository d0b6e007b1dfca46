package app

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/bedside-health/bedside/internal/config"
	"github.com/bedside-health/bedside/internal/enrollment/people"
	"github.com/bedside-health/bedside/internal/reviews"
	"github.com/bedside-health/bedside/internal/web/i18n"
)

// Texts lists every text that must be reviewed before patients see it: those
// that the catalogs mark, and the consent documents.
func Texts() ([]reviews.Text, error) {
	if err := i18n.Check(); err != nil {
		return nil, fmt.Errorf("reading the catalogs: %w", err)
	}
	var out []reviews.Text
	for _, lang := range i18n.Languages() {
		entries := i18n.Entries(lang)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			e := entries[key]
			if e.By == "" {
				continue
			}
			words := e.Other
			if e.One != "" {
				words = e.One + "\n" + e.Other
			}
			out = append(out, reviews.Text{Name: string(key), Language: lang, Words: words, By: e.By, On: e.On})
		}
	}
	consents, err := people.ConsentTexts()
	if err != nil {
		return nil, fmt.Errorf("reading the consents: %w", err)
	}
	return append(out, consents...), nil
}

// Standings judges every text by the reviews that the settings name.
func Standings(cfg *config.Config) ([]reviews.Standing, error) {
	texts, err := Texts()
	if err != nil {
		return nil, err
	}
	list, err := reviews.Load(cfg.Reviews, time.Now())
	if err != nil {
		return nil, err
	}
	return reviews.Judge(texts, list), nil
}

// CheckTexts refuses words that nobody has reviewed where patients would see
// them: outside of a demo, from web or enrollment. It lists all of them.
func CheckTexts(cfg *config.Config, targets []Target) error {
	shown := slices.ContainsFunc(targets, func(t Target) bool { return t.Name == "web" || t.Name == "enrollment" })
	if cfg.Demo || !shown {
		return nil
	}
	all, err := Standings(cfg)
	return errors.Join(err, reviews.Refuse(all))
}
