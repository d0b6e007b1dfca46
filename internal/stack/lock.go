package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Holder is who runs a stack in a folder, and where to reach it.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
	Admin   string    `json:"admin,omitempty"`
	Primary string    `json:"primary,omitempty"`
	Standby string    `json:"standby,omitempty"`
	Redis   string    `json:"redis,omitempty"`
	// Portal is where its pages are: what links to them begin with.
	Portal string `json:"portal,omitempty"`
}

// BusyError is the error of a second start on the same folder.
type BusyError struct {
	Dir    string
	Holder Holder
}

// Error says who holds the folder and what to do.
func (b *BusyError) Error() string {
	return fmt.Sprintf("the data folder %s is in use by process %d (%s, since %s): stop that one first, or choose another folder with --data",
		b.Dir, b.Holder.PID, b.Holder.Command, b.Holder.Since.Format(time.DateTime+" MST"))
}

// lock is an flock: the kernel gives it free with the process, however that ends.
type lock struct{ file *os.File }

func acquire(dir string) (*lock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the data folder: %w", err)
	}
	if err := take(f, dir); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l := &lock{file: f}
	if err := l.write(Holder{PID: os.Getpid(), Command: command(), Since: time.Now().UTC()}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// take locks the file, or says who has it. Find borrows the lock for a moment, and a new holder needs one to sign: a
// lock without a signature is tried again.
func take(f *os.File, dir string) error {
	var holder Holder
	for range 20 {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("locking the data folder: %w", err)
		}
		if holder, err = read(f); err == nil && holder.PID != 0 {
			break
		}
		<-time.After(probeEvery)
	}
	return &BusyError{Dir: dir, Holder: holder}
}

// write replaces the text in one write, so that a reader sees it whole or not at all.
func (l *lock) write(h Holder) error {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("writing who holds the data folder: %w", err)
	}
	if err := l.file.Truncate(0); err != nil {
		return fmt.Errorf("writing who holds the data folder: %w", err)
	}
	if _, err := l.file.WriteAt(append(text, '\n'), 0); err != nil {
		return fmt.Errorf("writing who holds the data folder: %w", err)
	}
	return nil
}

func (l *lock) release() error {
	if err := errors.Join(l.file.Truncate(0), l.file.Close()); err != nil {
		return fmt.Errorf("giving the data folder free: %w", err)
	}
	return nil
}

// Held gives a *BusyError while a stack runs in the folder: for saying so before anything else is in the way.
func Held(dir string) error {
	h, running, err := Find(dir)
	if err != nil || !running {
		return err
	}
	return &BusyError{Dir: dir, Holder: h}
}

// Find tells where the stack that runs in a folder can be reached; ok is false when none does.
func Find(dir string) (h Holder, ok bool, err error) {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return Holder{}, false, nil
	}
	if err != nil {
		return Holder{}, false, fmt.Errorf("looking for a running portal: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return Holder{}, false, nil // nobody holds it; closing the file gives the lock free again
	}
	h, err = read(f)
	return h, err == nil && h.PID != 0, err
}

// read gives the zero Holder while nobody has signed.
func read(f *os.File) (Holder, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Holder{}, fmt.Errorf("reading who holds the data folder: %w", err)
	}
	var h Holder
	err := json.NewDecoder(f).Decode(&h)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Holder{}, nil
	}
	if err != nil {
		return Holder{}, fmt.Errorf("reading who holds the data folder: %w", err)
	}
	return h, nil
}

// command names this program and its subcommand, without arguments that may be private.
func command() string {
	words := []string{filepath.Base(os.Args[0])}
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		words = append(words, os.Args[1])
	}
	return strings.Join(words, " ")
}
