package people

import (
	"path"

	"github.com/bedside-health/bedside/internal/reviews"
)

// ConsentTexts lists the words of every consent document, for those who review
// them.
func ConsentTexts() ([]reviews.Text, error) {
	all, err := readDocuments()
	if err != nil {
		return nil, err
	}
	var out []reviews.Text
	for _, d := range all {
		body, err := documentFiles.ReadFile(path.Join("documents", d.kind+"."+d.version+"."+d.language+".txt"))
		if err != nil {
			return nil, err
		}
		out = append(out, reviews.Text{Name: "consent/" + d.kind + "." + d.version, Language: d.language, Words: string(body)})
	}
	return out, nil
}
