package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/bedside-health/bedside/internal/lan"
)

func TestOpenToTheNetwork(t *testing.T) {
	t.Parallel()
	o := upOptions{dir: t.TempDir(), port: 9443, lan: true, lanAddress: "192.168.1.20"}
	begin := func() *outside {
		t.Helper()
		out, err := openTo(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := out.certify(o.dir); err != nil {
			t.Fatal(err)
		}
		return out
	}
	o.out = begin()
	if o.listen() != "192.168.1.20:9443" || o.address() != "https://192.168.1.20:9443" {
		t.Errorf("listens on %s, is at %s", o.listen(), o.address())
	}
	for _, want := range []string{o.out.id.Fingerprint(), o.dir} {
		if !strings.Contains(o.out.words(), want) {
			t.Errorf("the words lack %s", want)
		}
	}
	if again := begin(); again.id.Fingerprint() != o.out.id.Fingerprint() {
		t.Error("the second start has another certificate")
	}
	o.lanAddress = "203.0.113.9"
	if _, err := openTo(o); !errors.Is(err, lan.ErrPublic) {
		t.Errorf("a public address: %v", err)
	}
	o.publicAnyway = true
	if _, err := openTo(o); err != nil {
		t.Errorf("a public address that is wanted: %v", err)
	}
}

func TestWithoutTheNetwork(t *testing.T) {
	t.Parallel()
	o := upOptions{dir: t.TempDir(), port: 9443}
	out, err := openTo(o)
	if err != nil || out != nil || out.words() != "" || o.address() != "http://localhost:9443" {
		t.Errorf("%v, %v, %s", out, err, o.address())
	}
	o.lanAddress = "192.168.1.20"
	if _, err := openTo(o); err == nil || report(new(strings.Builder), err) != exitUsage {
		t.Errorf("an address without --lan: %v", err)
	}
}
