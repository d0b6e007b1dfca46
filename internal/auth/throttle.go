package auth

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/bedside-health/bedside/internal/cache"
	"github.com/bedside-health/bedside/internal/errs"
)

// limits bounds one kind of attempt: at an account from wherever, at an account
// from one address, and from one address at whatever. A list of leaked
// passwords is stopped at the accounts, and a crowd behind one address is not.
// The account is asked last: what an address may not try any more does not
// count against the account, so that one client alone locks nobody out.
type limits struct {
	name                   string
	account, pair, address int
	window                 time.Duration
}

// attempts holds the limits of every kind of attempt. Zero means no limit of
// that sort: a pair where the account's own limit is as low, an account where
// none is known yet.
type attempts struct {
	request, code, password, setPassword, ticket, demo limits
	link, changeEmail, administer                      limits
}

func defaultAttempts() attempts {
	const quarter = 15 * time.Minute
	return attempts{
		request:     limits{name: "request", account: 5, address: 60, window: quarter},
		code:        limits{name: "code", account: 15, address: 120, window: quarter},
		password:    limits{name: "password", account: 20, pair: 10, address: 120, window: quarter},
		setPassword: limits{name: "set_password", account: 5, window: quarter},
		ticket:      limits{name: "ticket", address: 120, window: quarter},
		demo:        limits{name: "demo", address: 300, window: quarter},
		link:        limits{name: "link", address: 120, window: quarter},
		changeEmail: limits{name: "change_email", account: 5, window: quarter},
		administer:  limits{name: "administer", account: 60, window: quarter},
	}
}

// allow counts one attempt. who is the keyed hash of the account's address (or
// of its id), nil where there is none; from is the client's network address.
func (s *Service) allow(ctx context.Context, l limits, who []byte, from string) error {
	account := hex.EncodeToString(who)
	address := hex.EncodeToString(s.seal.Hash(purposeIP, cache.Network(from)))
	buckets := []struct {
		name  string
		limit int
	}{
		{"address:" + address, l.address},
		{"pair:" + account + ":" + address, l.pair},
		{"account:" + account, l.account},
	}
	for _, b := range buckets {
		if b.limit == 0 {
			continue
		}
		if ok, retry := s.throttle.Allow(ctx, "auth:"+l.name+":"+b.name, b.limit, l.window); !ok {
			return errs.TooManyTries(retry)
		}
	}
	return nil
}
