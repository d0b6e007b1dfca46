package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	keep     = 1000 // mails; older ones are forgotten
	longest  = 1 << 20
	patience = 10 * time.Second
	mostTo   = 50
)

// Mailbox is a running mail catcher. It is safe for concurrent use.
type Mailbox struct {
	smtp     *smtp.Server
	http     *http.Server
	in       net.Listener
	httpAddr string
	served   sync.WaitGroup

	mu    sync.Mutex
	last  int
	mails []Message // oldest first
	news  chan struct{}
}

// Start listens on both addresses; port 0 takes a free one. It returns when mail can be sent and read.
func Start(ctx context.Context, smtpAddr, httpAddr string) (*Mailbox, error) {
	var listen net.ListenConfig
	in, err := listen.Listen(ctx, "tcp", smtpAddr)
	if err != nil {
		return nil, fmt.Errorf("listening for mail: %w", err)
	}
	out, err := listen.Listen(ctx, "tcp", httpAddr)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening for readers of mail: %w", err), in.Close())
	}
	m, err := serve(in, out)
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	return m, nil
}

func serve(in, out net.Listener) (*Mailbox, error) {
	m := &Mailbox{in: in, httpAddr: out.Addr().String(), news: make(chan struct{})}
	m.smtp = smtp.NewServer(m)
	m.smtp.Domain = "localhost"
	m.smtp.MaxMessageBytes = longest
	m.smtp.MaxRecipients = mostTo
	m.smtp.ReadTimeout, m.smtp.WriteTimeout = patience, patience
	pages, err := m.routes()
	if err != nil {
		return nil, err
	}
	m.http = &http.Server{Handler: pages, ReadHeaderTimeout: patience}
	m.served.Go(func() { _ = m.smtp.Serve(in) })  // ends with Stop
	m.served.Go(func() { _ = m.http.Serve(out) }) // ends with Stop
	return m, nil
}

// SMTPAddr is host:port for senders.
func (m *Mailbox) SMTPAddr() string { return m.in.Addr().String() }

// URL is the address of the inbox for a browser.
func (m *Mailbox) URL() string { return "http://" + m.httpAddr }

// Name names the mail catcher in logs.
func (m *Mailbox) Name() string { return "mailbox" }

// Stop ends both servers; what is being sent may finish within ctx.
func (m *Mailbox) Stop(ctx context.Context) error {
	err := errors.Join(m.smtp.Shutdown(ctx), m.http.Shutdown(ctx))
	if err != nil {
		err = errors.Join(err, m.smtp.Close(), m.http.Close())
	}
	_ = m.in.Close() // closed already, unless serving had not begun when it was shut down
	m.served.Wait()
	if err != nil {
		return fmt.Errorf("stopping the mail catcher: %w", err)
	}
	return nil
}

// Messages lists the mails to a recipient, or all of them for "", oldest first.
func (m *Mailbox) Messages(to string) []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.match(func(one *Message) bool { return to == "" || one.isTo(to) })
}

// Wait returns the first mail that matches, now or later.
func (m *Mailbox) Wait(ctx context.Context, match func(*Message) bool) (Message, error) {
	for {
		m.mu.Lock()
		found, news := m.match(match), m.news
		m.mu.Unlock()
		if len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-ctx.Done():
			return Message{}, fmt.Errorf("waiting for a mail: %w", ctx.Err())
		case <-news:
		}
	}
}

// match wants the lock held.
func (m *Mailbox) match(fits func(*Message) bool) []Message {
	found := []Message{}
	for i := range m.mails {
		if fits(&m.mails[i]) {
			found = append(found, m.mails[i])
		}
	}
	return found
}

func (m *Mailbox) byID(id int) (Message, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := slices.BinarySearchFunc(m.mails, id, func(one Message, id int) int { return one.ID - id })
	if !ok {
		return Message{}, false
	}
	return m.mails[i], true
}

func (m *Mailbox) add(one Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last++
	one.ID = m.last
	m.mails = append(m.mails, one)
	if len(m.mails) > keep {
		m.mails = slices.Delete(m.mails, 0, len(m.mails)-keep)
	}
	close(m.news)
	m.news = make(chan struct{})
}

func (one *Message) isTo(address string) bool {
	return slices.ContainsFunc(one.To, func(to string) bool { return strings.EqualFold(to, address) })
}
