package web

import (
	"strings"

	authv1 "github.com/bedside-health/bedside/internal/gen/bedside/auth/v1"
	"github.com/bedside-health/bedside/internal/web/ui"
	"github.com/bedside-health/bedside/internal/web/view/account"
)

// devices lists where the account is signed in.
func (s *Web) devices(c *Call) error {
	res, err := s.Auth.ListSessions(c.Ctx(), &authv1.ListSessionsRequest{})
	if err != nil {
		return err
	}
	page := account.Devices{Told: c.Told(), Prefix: c.Route.Area.Prefix()}
	for _, d := range res.GetDevices() {
		browser, system := agent(d.GetUserAgent())
		name := c.T("devices.unknown")
		switch {
		case browser != "" && system != "":
			name = c.T("devices.on", "browser", browser, "system", system)
		case browser+system != "":
			name = browser + system
		}
		page.Devices = append(page.Devices, account.Device{
			ID: d.GetSessionId(), Name: name, Current: d.GetCurrent(), Phone: system == "iPhone" || system == "Android",
			SignedIn: c.T("devices.signed_in", "day", c.moment(d.GetSignedInAt())),
			Seen:     c.T("devices.seen", "day", c.moment(d.GetLastSeenAt())),
		})
	}
	return c.Show(account.DevicesView(page))
}

// agent names the browser and the system of a User-Agent header, roughly.
func agent(header string) (browser, system string) {
	find := func(pairs ...string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.Contains(header, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	browser = find("Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "CriOS/", "Chrome", "FxiOS/", "Firefox", "Safari/", "Safari")
	system = find("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS X", "Mac", "CrOS", "Chromebook", "Linux", "Linux")
	return browser, system
}

// revokeDevice signs one device out.
func (s *Web) revokeDevice(c *Call) error {
	if _, err := s.Auth.RevokeSession(c.Ctx(), &authv1.RevokeSessionRequest{SessionId: c.R.PathValue("id")}); err != nil {
		return err
	}
	c.Tell(ui.OK, "devices.revoked", "")
	return c.See(c.Route.Area.Prefix() + "/devices")
}

// revokeDevices signs all others out, or all.
func (s *Web) revokeDevices(c *Call) error {
	if err := c.Parse(); err != nil {
		return err
	}
	keep := c.Value("all") == ""
	if _, err := s.Auth.RevokeAllSessions(c.Ctx(), &authv1.RevokeAllSessionsRequest{KeepCurrent: keep}); err != nil {
		return err
	}
	if !keep {
		c.leave()
		c.Tell(ui.OK, "devices.revoked_all", "")
		return c.See("/")
	}
	c.Tell(ui.OK, "devices.revoked_others", "")
	return c.See(c.Route.Area.Prefix() + "/devices")
}
