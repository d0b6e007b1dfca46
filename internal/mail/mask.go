package mail

import "strings"

// dots stand for what is not shown.
const dots = "•••"

// Mask shows enough of an address for its owner to know it, and too little for
// anybody else: "maria@example.test" becomes "m•••@e•••.test".
func Mask(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at <= 0 || at == len(email)-1 {
		return dots
	}
	domain, top := email[at+1:], ""
	if dot := strings.LastIndexByte(domain, '.'); dot > 0 {
		domain, top = domain[:dot], domain[dot:]
	}
	return initial(email[:at]) + dots + "@" + initial(domain) + dots + top
}

func initial(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
