package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// move moves a visit that was acknowledged by half an hour. A form whose answer
// was lost is sent again, or left alone; one whose new time is not to be had
// changes nothing.
func (k *killing) move(ctx context.Context, v *visitor, hold, slot string, luck *rand.Rand) error {
	physician, unix, _ := strings.Cut(slot, "|")
	at, err := strconv.ParseInt(unix, 10, 64)
	if err != nil {
		return fmt.Errorf("a time reads %q", slot)
	}
	path := "/appointments/" + k.acknowledged(hold) + "/move/check"
	form := url.Values{"slot": {fmt.Sprintf("%s|%d", physician, at+1800)}, "key": {"move-" + hold}}
	k.underway(moving)
	a, err := v.post(ctx, path, form)
	k.answered(moving, err)
	if err != nil || a.status >= http.StatusInternalServerError {
		if luck.IntN(3) == 0 {
			k.mu.Lock()
			defer k.mu.Unlock()
			if k.moving == nil {
				k.moving = map[string]bool{}
			}
			k.moving[hold] = true
			return nil
		}
		k.mu.Lock()
		k.again++
		k.mu.Unlock()
		if a, err = k.insist(ctx, v, http.MethodPost, path, form); err != nil {
			return err
		}
	}
	if a.status == http.StatusConflict { // lost: it stays where it is
		return nil
	}
	id, ok := strings.CutPrefix(a.location(), "/appointments/")
	if !ok {
		return fmt.Errorf("the move of %s was answered %d, to %q:\n%s", slot, a.status, a.location(), lead.FindString(a.body))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.booked[hold] = id
	k.moved++
	return nil
}

// history is what became of a hold: the appointment, and those that took its
// place.
type history struct {
	visits int    // rows that are booked
	odd    int    // rows that are neither booked nor moved, or moved out of order
	booked string // which one
}

func (k *killing) chain(t *testing.T, hold string) history {
	t.Helper()
	with := `WITH RECURSIVE chain AS (
		SELECT a.* FROM scheduling.reservations h JOIN scheduling.reservations a ON a.reservation_id = h.became WHERE h.reservation_id = '` + hold + `'
		UNION ALL
		SELECT n.* FROM chain c JOIN scheduling.reservations n ON n.reservation_id = c.moved_to AND n.version > c.version AND n.reference = c.reference)
		SELECT `
	var h history
	k.p.db.Query(t, with+`count(*) FILTER (WHERE status = 'booked') FROM chain`, &h.visits)
	k.p.db.Query(t, with+`count(*) FILTER (WHERE status NOT IN ('booked', 'moved')) FROM chain`, &h.odd)
	k.p.db.Query(t, with+`coalesce(min(reservation_id::text) FILTER (WHERE status = 'booked'), '') FROM chain`, &h.booked)
	return h
}
