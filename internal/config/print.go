package config

import (
	"fmt"
	"io"
	"net/url"
	"reflect"
)

// Print writes every setting with its meaning; secrets only as set or not.
func (c *Config) Print(w io.Writer) error {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		value := fmt.Sprint(v.Field(i).Interface())
		if f.Tag.Get("secret") != "" && value != "" {
			value = "(set)"
		}
		if f.Name == "DatabaseURL" || f.Name == "ReplicaURL" || f.Name == "OwnerURL" {
			value = withoutPassword(value)
		}
		if _, err := fmt.Fprintf(w, "# %s\n%s%s=%s\n", f.Tag.Get("doc"), Prefix, f.Tag.Get("env"), value); err != nil {
			return fmt.Errorf("printing the settings: %w", err)
		}
	}
	return nil
}

func withoutPassword(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	return u.Redacted()
}
