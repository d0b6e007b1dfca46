package house

import "slices"

// services own data; each is only reached through its generated client.
func services() []string {
	return []string{"internal/auth", "internal/enrollment", "internal/licensing", "internal/scheduling"}
}

// border says that a package may only be imported from some folders.
type border struct {
	pkg  string
	from []string
	test bool // tests anywhere may as well
	why  string
}

func borders() []border {
	out := []border{
		{"internal/app", []string{"cmd", "test", "bench"}, false, "only the command, the tests and the benchmarks compose the program"},
		{"internal/web", []string{"internal/app", "test"}, true, "only app knows which targets run"},
		{"internal/stack", []string{"cmd", "test", "bench", "internal/doctor"}, true, "the local stack is for `bedside up`, tests and benchmarks"},
		{"internal/mailbox", []string{"cmd", "test", "bench"}, true, "the mail catcher is for `bedside up`, tests and benchmarks"},
		{"internal/pgtest", []string{"test"}, true, "tests alone may clone databases"},
		{"connectrpc.com/connect/v2", []string{"internal/rpc", "internal/gen", "internal/app", "test"}, true, "only rpc knows transports"},
		{"github.com/jackc/pgx/v5/pgxpool", []string{"internal/pg", "internal/pgtest"}, true, "only pg builds pools"},
		{"github.com/riverqueue/river/riverdriver", []string{"internal/jobs", "internal/pg"}, true, "only jobs knows how the queue reaches its tables"},
		{"github.com/redis/rueidis", []string{"internal/cache"}, true, "only cache talks to Redis"},
		{"github.com/wneessen/go-mail", []string{"internal/mail"}, true, "only mail sends"},
		{"github.com/tink-crypto/tink-go/v2", []string{"internal/seal"}, true, "only seal knows keys"},
	}
	for _, s := range services() {
		out = append(out, border{s, []string{"internal/app", "internal/demo", "cmd", "test"}, false,
			"a service is reached through its generated client"})
	}
	return out
}

// Imports keeps packages apart: see "Who may import whom" in ARCHITECTURE.md.
func Imports(t *Tree) []Fault {
	var out []Fault
	for _, f := range t.Go {
		for _, imported := range f.imports() {
			if why := forbidden(f, imported); why != "" {
				out = append(out, f.at(f.AST.Name, "imports %s: %s", imported, why))
			}
		}
	}
	return out
}

func forbidden(f *File, imported string) string {
	for _, b := range borders() {
		if within(imported, "internal/web/assets") && f.pkg() == "internal/doctor" {
			continue // whether the fonts are in this program
		}
		if !within(imported, b.pkg) || within(f.pkg(), b.pkg) || (b.test && f.Test) {
			continue
		}
		if !within(f.pkg(), b.from...) {
			return b.why
		}
	}
	// The generated options of a method come with pg's position; the pools do not.
	if within(f.pkg(), "internal/web", "internal/api") && !f.Test && within(imported, "internal/pg") {
		return "pages never reach a database"
	}
	return ""
}

// Words that name drawers instead of things.
func drawers() []string {
	return []string{"util", "utils", "common", "helpers", "misc", "shared", "base"}
}

// PackageNames refuses drawers, and asks each package to say what it is.
func PackageNames(t *Tree) []Fault {
	var out []Fault
	said := map[string]bool{}
	for _, f := range t.Go {
		said[f.pkg()] = said[f.pkg()] || f.AST.Doc != nil
	}
	seen := map[string]bool{}
	for _, f := range t.hand() {
		if seen[f.pkg()] || f.Path != f.pkg()+"/"+base(f.Path) || isTestOnly(f) {
			continue
		}
		seen[f.pkg()] = true
		if slices.Contains(drawers(), base(f.pkg())) {
			out = append(out, f.at(f.AST.Name, "package %s is a drawer: name it after the one thing it is", base(f.pkg())))
		}
		if !said[f.pkg()] {
			out = append(out, f.at(f.AST.Name, "package %s has no comment that says what it is", f.AST.Name.Name))
		}
	}
	return out
}
