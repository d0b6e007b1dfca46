package house

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Target is what the map of the system says about one of its parts.
type Target struct {
	Name string
	Pool int
}

// Pools adds up the connections to the primary, blue and green side by side.
func Pools(targets []Target, most int) []Fault {
	sum := 0
	for _, t := range targets {
		sum += t.Pool
	}
	if 2*sum > most {
		return []Fault{Fault(fmt.Sprintf("the pools of all targets, twice, are %d connections, at most %d", 2*sum, most))}
	}
	return nil
}

// row is a line of the table of targets in ARCHITECTURE.md: the name first, the pool last.
var row = regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|.*\\| *([0-9]+|–) *\\|$")

// Map compares the table in ARCHITECTURE.md with the targets that exist.
func Map(text string, targets []Target) []Fault {
	told := map[string]int{}
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		pool, err := strconv.Atoi(m[2])
		if err != nil {
			pool = 0 // a dash: none
		}
		told[m[1]] = pool
	}
	var out []Fault
	for _, t := range targets {
		pool, ok := told[t.Name]
		switch {
		case !ok:
			out = append(out, Fault("ARCHITECTURE.md does not list target "+t.Name))
		case pool != t.Pool:
			out = append(out, Fault(fmt.Sprintf("ARCHITECTURE.md gives target %s a pool of %d, targets.go one of %d", t.Name, pool, t.Pool)))
		}
		delete(told, t.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(told)) {
		out = append(out, Fault("ARCHITECTURE.md lists target "+name+", which does not exist"))
	}
	return out
}

// created are the schemas that a file makes.
var created = regexp.MustCompile(`(?m)^CREATE SCHEMA (\w+);$`)

// Schemas compares what the query generator is told with the schemas that the migrator makes.
func Schemas(text string, schemas []string) []Fault {
	var told []string
	for _, m := range created.FindAllStringSubmatch(text, -1) {
		told = append(told, m[1])
	}
	if !slices.Equal(told, schemas) {
		return []Fault{Fault("migrations/schemas.sql makes " + strings.Join(told, ", ") + "; the migrator makes " + strings.Join(schemas, ", "))}
	}
	return nil
}

// foreign finds what a migration or a query names: schema.table, but not a column of an alias.
var foreign = regexp.MustCompile(`(?i)\b(?:from|join|into|update|table|references|on|execute function)\s+(?:only\s+|if exists\s+|if not exists\s+)?"?([a-z]+)"?\."?[a-z_]+"?`)

// SQLBorders lets a service's statements name its own schema only, and those that everybody may call.
func SQLBorders(t *Tree, owners map[string]string) []Fault {
	var out []Fault
	for _, name := range slices.Sorted(maps.Keys(t.Texts)) {
		own := ""
		for folder, schema := range owners {
			if strings.HasPrefix(name, folder+"/") && strings.HasSuffix(name, ".sql") {
				own = schema
			}
		}
		if own == "" {
			continue
		}
		for i, line := range strings.Split(t.Texts[name], "\n") {
			code, _, _ := strings.Cut(line, "--")
			for _, m := range foreign.FindAllStringSubmatch(code, -1) {
				if m[1] != own && slices.Contains(slices.Collect(maps.Values(owners)), m[1]) {
					out = append(out, Fault(fmt.Sprintf("%s:%d: names schema %s, which is not its own", name, i+1, m[1])))
				}
			}
		}
	}
	return out
}
