package auth

import "strings"

const dots = "•••"

// maskEmail shows enough of an address for its owner to know it, and too little
// for anybody else: "maria@example.test" becomes "m•••@e•••.test".
func maskEmail(email string) string {
	name, domain, ok := strings.Cut(email, "@")
	if !ok {
		return dots
	}
	top := ""
	if dot := strings.LastIndexByte(domain, '.'); dot > 0 {
		domain, top = domain[:dot], domain[dot:]
	}
	return initial(name) + dots + "@" + initial(domain) + dots + top
}

func initial(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
