package people

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Documents are named kind.version.language.txt: a title, an empty line, then
// paragraphs with an empty line between them. A document that somebody agreed
// to is never changed: new words are a new version.
//
//go:embed documents/*.txt
var documentFiles embed.FS

// document is the words of a consent in one language.
type document struct {
	kind, version, language string
	title                   string
	paragraphs              []string
	hash                    []byte
}

// documents are all that may be agreed to.
type documents []document

// readDocuments reads the documents that are built in, and refuses a kind or
// version that does not exist in every language.
func readDocuments() (documents, error) {
	list, err := documentFiles.ReadDir("documents")
	if err != nil {
		return nil, fmt.Errorf("listing the consent documents: %w", err)
	}
	var all documents
	for _, f := range list {
		body, err := documentFiles.ReadFile(path.Join("documents", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the consent document %s: %w", f.Name(), err)
		}
		d, err := parseDocument(f.Name(), string(body))
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	for _, d := range all {
		for _, lang := range languages() {
			if _, ok := all.find(d.kind, d.version, lang); !ok {
				return nil, fmt.Errorf("the consent %s of %s does not exist in %q", d.kind, d.version, lang)
			}
		}
	}
	return all, nil
}

func parseDocument(name, body string) (document, error) {
	parts := strings.Split(strings.TrimSuffix(name, ".txt"), ".")
	blocks := strings.Split(strings.TrimSpace(body), "\n\n")
	if len(parts) != 3 || len(blocks) < 2 || !slices.Contains(languages(), parts[2]) {
		return document{}, fmt.Errorf("the consent document %s is not kind.version.language.txt with a title and paragraphs", name)
	}
	hash := sha256.Sum256([]byte(body))
	return document{
		kind: parts[0], version: parts[1], language: parts[2],
		title: blocks[0], paragraphs: blocks[1:], hash: hash[:],
	}, nil
}

// find returns the words of one version in one language.
func (all documents) find(kind, version, language string) (document, bool) {
	for _, d := range all {
		if d.kind == kind && d.version == version && d.language == language {
			return d, true
		}
	}
	return document{}, false
}

// newest returns the version of a kind that is in force.
func (all documents) newest(kind, language string) (document, bool) {
	var best document
	for _, d := range all {
		if d.kind == kind && d.language == language && d.version > best.version {
			best = d
		}
	}
	return best, best.version != ""
}

// languages lists the languages that people are written to in.
func languages() []string { return []string{"en", "es"} }

// languageOr is the language of a person who said none that we write.
func languageOr(language, other string) string {
	for _, l := range languages() {
		if language == l {
			return l
		}
	}
	if other == "" {
		return "en"
	}
	return languageOr(other, "")
}
