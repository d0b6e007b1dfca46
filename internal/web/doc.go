// Package web is the pages that patients, physicians, staff and licensing
// officers see. It owns no data: every page asks the services through their
// generated clients, on behalf of whoever is signed in.
//
// routes.go lists every route with its permission, which the services check
// again. A handler is one method on Web in a file named after its page; what it
// shows is one templ component in view/<area> that takes one view model.
//
// Each area (patient, physician, staff, licensing) has a session of its own in
// the same browser: two cookies, the secret of the durable session and a short
// token that the services verify. Nothing typed about a person goes into a URL:
// what must survive from page to page travels in sealed cookies or stays with
// the service that owns it.
//
// Failures: a service that is away gives a 503 page with what was kept; Redis
// or a revocation feed that is away is not felt here. Built without assets the
// pages work, unstyled.
package web
