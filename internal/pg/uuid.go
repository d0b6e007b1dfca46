package pg

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// knowUUIDs teaches a connection to send our UUIDs. Without it each one is
// written as a text, and in a COPY first refused with an error that nobody
// sees, and parsed again: a third of this program's own time in an import.
func knowUUIDs(m *pgtype.Map) {
	m.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{encodeUUID}, m.TryWrapEncodePlanFuncs...)
}

// wireUUID is a UUID as pgx knows it.
type wireUUID uuid.UUID

// UUIDValue implements pgtype.UUIDValuer.
func (u wireUUID) UUIDValue() (pgtype.UUID, error) { return pgtype.UUID{Bytes: u, Valid: true}, nil }

type uuidEncoder struct{ next pgtype.EncodePlan }

func (e *uuidEncoder) SetNext(next pgtype.EncodePlan) { e.next = next }

// Encode implements pgtype.EncodePlan.
func (e *uuidEncoder) Encode(value any, buf []byte) ([]byte, error) {
	id, ok := value.(uuid.UUID)
	if !ok {
		return nil, fmt.Errorf("encoding %T as a UUID", value)
	}
	return e.next.Encode(wireUUID(id), buf) //nolint:wrapcheck // pgx wraps it
}

func encodeUUID(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	id, ok := value.(uuid.UUID)
	if !ok {
		return nil, nil, false
	}
	return new(uuidEncoder), wireUUID(id), true
}
