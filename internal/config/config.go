// Package config reads BEDSIDE_* from the environment. Every setting may also
// be given as a file, by the same name with _FILE behind it, so that secrets
// need not stand in the environment. All faults are listed at once.
package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Config is everything that can be set. The tags are the reference:
// `bedside config` prints them.
type Config struct {
	Listen      string `env:"LISTEN" envDefault:"localhost:8080" doc:"address of the portal, or of a split target's calls"`
	AdminListen string `env:"ADMIN_LISTEN" envDefault:"localhost:8081" doc:"private address of metrics and profiles; off for none"`
	BaseURL     string `env:"BASE_URL" envDefault:"http://localhost:8080" doc:"what links in mail begin with"`

	DatabaseURL string `env:"DATABASE_URL" doc:"Postgres primary; the user is replaced by each service's role"`
	ReplicaURL  string `env:"REPLICA_URL" doc:"readable standby; empty for none"`
	OwnerURL    string `env:"OWNER_URL" doc:"the database as its owner, for migrate and doctor alone"`

	AuthPassword       string `env:"AUTH_DB_PASSWORD" secret:"true" doc:"password of role bedside_auth"`
	EnrollmentPassword string `env:"ENROLLMENT_DB_PASSWORD" secret:"true" doc:"password of role bedside_enrollment"`
	LicensingPassword  string `env:"LICENSING_DB_PASSWORD" secret:"true" doc:"password of role bedside_licensing"`
	SchedulingPassword string `env:"SCHEDULING_DB_PASSWORD" secret:"true" doc:"password of role bedside_scheduling"`

	AuthURL       string `env:"AUTH_URL" doc:"where target auth runs, if not here"`
	EnrollmentURL string `env:"ENROLLMENT_URL" doc:"where target enrollment runs, if not here"`
	LicensingURL  string `env:"LICENSING_URL" doc:"where target licensing runs, if not here"`
	SchedulingURL string `env:"SCHEDULING_URL" doc:"where target scheduling runs, if not here"`

	RedisAddr string `env:"REDIS_ADDR" doc:"Redis or Valkey, host:port; everything works, a little slower, without"`

	SMTPAddr     string `env:"SMTP_ADDR" doc:"mail relay, host:port"`
	SMTPFrom     string `env:"SMTP_FROM" envDefault:"no-reply@bedside.test" doc:"sender of mail"`
	SMTPUser     string `env:"SMTP_USER" doc:"sign-in at the relay"`
	SMTPPassword string `env:"SMTP_PASSWORD" secret:"true" doc:"password at the relay"`
	SMTPPlain    bool   `env:"SMTP_PLAIN" doc:"allow a relay without TLS (a catcher on this machine)"`

	ServiceKey string `env:"SERVICE_KEY" secret:"true" doc:"32 bytes of base64, the same in every process: proves calls between services"`
	CookieKey  string `env:"COOKIE_KEY" secret:"true" doc:"32 bytes of base64, the same in every web process: signs the position cookie"`
	Keyset     string `env:"KEYSET" secret:"true" doc:"keyset that wraps data keys; see the operator guide"`

	Reviews        string        `env:"REVIEWS" doc:"file with the reviews of clinical, emergency and consent texts; see bedside texts list"`
	HelpPhone      string        `env:"HELP_PHONE" envDefault:"1-800-555-0199" doc:"phone number on every page"`
	TrustedProxies string        `env:"TRUSTED_PROXIES" doc:"CIDRs whose X-Forwarded-For is believed, separated by commas"`
	OTLPEndpoint   string        `env:"OTLP_ENDPOINT" doc:"OTLP/HTTP agent for traces, such as http://localhost:4318; empty for none"`
	LogLevel       string        `env:"LOG_LEVEL" envDefault:"info" doc:"debug, info, warn or error"`
	LameDuck       time.Duration `env:"LAME_DUCK" envDefault:"2s" doc:"how long to answer with readiness off before stopping"`
	DemoInbox      string        `env:"DEMO_INBOX" doc:"page that shows caught mail; demo only"`
	Demo           bool          `env:"DEMO" doc:"demo people, one-click sign-in; never with real data"`
}

// Prefix stands before every name.
const Prefix = "BEDSIDE_"

// Read reads the environment, given as "NAME=value" lines.
func Read(environ []string) (*Config, error) {
	vars, faults := withFiles(environ)
	c := new(Config)
	if err := env.ParseWithOptions(c, env.Options{Prefix: Prefix, Environment: vars}); err != nil {
		faults = append(faults, err)
	}
	return c, errors.Join(faults...)
}

// withFiles resolves NAME_FILE to NAME.
func withFiles(environ []string) (map[string]string, []error) {
	vars := map[string]string{}
	var faults []error
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, Prefix) {
			vars[name] = value
		}
	}
	for name, path := range vars {
		base, ok := strings.CutSuffix(name, "_FILE")
		if !ok || path == "" {
			continue
		}
		if vars[base] != "" {
			faults = append(faults, fmt.Errorf("%s and %s are both set: keep one", base, name))
			continue
		}
		body, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			continue
		}
		vars[base] = strings.TrimRight(string(body), "\r\n")
	}
	return vars, faults
}

// Check lists every fault of the settings that the named targets need.
func (c *Config) Check(targets []string, local func(string) bool) error {
	var faults []error
	need := func(name, value, why string) {
		if value == "" {
			faults = append(faults, fmt.Errorf("%s%s is not set: %s", Prefix, name, why))
		}
	}
	data := false
	for _, t := range targets {
		data = data || t != "web"
	}
	if data {
		need("DATABASE_URL", c.DatabaseURL, "a service needs its database")
		need("KEYSET", c.Keyset, "a service seals health data with it")
		need("SMTP_ADDR", c.SMTPAddr, "services send mail")
	}
	for name, u := range c.URLs() {
		if u == "" && !local(name) {
			faults = append(faults, fmt.Errorf("%s%s_URL is not set: target %s does not run in this process", Prefix, strings.ToUpper(name), name))
		}
	}
	faults = append(faults, c.checkForms()...)
	return errors.Join(faults...)
}

func (c *Config) checkForms() []error {
	var faults []error
	for name, v := range map[string]string{"LISTEN": c.Listen, "ADMIN_LISTEN": c.Admin(), "REDIS_ADDR": c.RedisAddr, "SMTP_ADDR": c.SMTPAddr} {
		if _, _, err := net.SplitHostPort(v); v != "" && err != nil {
			faults = append(faults, fmt.Errorf("%s%s=%q is not host:port", Prefix, name, v))
		}
	}
	if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || strings.HasSuffix(c.BaseURL, "/") {
		faults = append(faults, fmt.Errorf("%sBASE_URL=%q is not an address such as https://portal.example.test (no slash at the end)", Prefix, c.BaseURL))
	}
	for name, v := range map[string]string{"SERVICE_KEY": c.ServiceKey, "COOKIE_KEY": c.CookieKey} {
		if _, err := key(v); err != nil {
			faults = append(faults, fmt.Errorf("%s%s %w", Prefix, name, err))
		}
	}
	if _, err := c.Proxies(); err != nil {
		faults = append(faults, err)
	}
	return faults
}

// key decodes a key of 32 bytes; its errors never repeat the text.
func key(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != 32 {
		return nil, errors.New("is not 32 bytes of base64: make one with `head -c 32 /dev/urandom | base64`")
	}
	return b, nil
}

// Keys returns the service key and the cookie key.
func (c *Config) Keys() (service, cookie []byte, err error) {
	service, err = key(c.ServiceKey)
	if err != nil {
		return nil, nil, fmt.Errorf("%sSERVICE_KEY %w", Prefix, err)
	}
	cookie, err = key(c.CookieKey)
	if err != nil {
		return nil, nil, fmt.Errorf("%sCOOKIE_KEY %w", Prefix, err)
	}
	return service, cookie, nil
}

// Admin is where the private listener stands; empty for none.
func (c *Config) Admin() string {
	if c.AdminListen == "off" {
		return ""
	}
	return c.AdminListen
}

// Proxies returns the trusted networks.
func (c *Config) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(c.TrustedProxies, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%sTRUSTED_PROXIES: %q is not a network such as 10.0.0.0/8", Prefix, part)
		}
		out = append(out, p)
	}
	return out, nil
}

// URLs gives the address of each target that has one.
func (c *Config) URLs() map[string]string {
	return map[string]string{"auth": c.AuthURL, "enrollment": c.EnrollmentURL, "licensing": c.LicensingURL, "scheduling": c.SchedulingURL}
}

// Passwords gives the password of each service's role.
func (c *Config) Passwords() map[string]string {
	return map[string]string{"auth": c.AuthPassword, "enrollment": c.EnrollmentPassword, "licensing": c.LicensingPassword, "scheduling": c.SchedulingPassword}
}
