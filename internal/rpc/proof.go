package rpc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/bedside-health/bedside/internal/errs"
)

// proofLifetime is how long a service's proof is good: a minute either way
// allows for clocks that differ a little.
const proofLifetime = time.Minute

// proof says that a call comes from one of our own processes, for one method:
// name.unixseconds.hmac over the key that only they have. Every call carries
// one, whoever it is made for: a listener inside the network answers nobody
// else.
func (n *Network) proof(procedure string) string {
	body := n.cfg.Self + "." + strconv.FormatInt(time.Now().Unix(), 10)
	return body + "." + n.mac(procedure, body)
}

func (n *Network) mac(procedure, body string) string {
	m := hmac.New(sha256.New, n.cfg.ServiceKey)
	m.Write([]byte("bedside call\n" + procedure + "\n" + body))
	return hex.EncodeToString(m.Sum(nil))
}

// checkProof returns the name of the process that calls.
func (n *Network) checkProof(procedure, proof string) (string, error) {
	refused := errs.New(errs.Unauthenticated, "service_proof", "The calling service could not prove itself.")
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		return "", refused
	}
	if !hmac.Equal([]byte(parts[2]), []byte(n.mac(procedure, parts[0]+"."+parts[1]))) {
		return "", refused
	}
	at, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > proofLifetime {
		return "", refused
	}
	return parts[0], nil
}
