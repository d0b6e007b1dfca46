package jurisdiction

const (
	firstSchedule  = 2
	lastSchedule   = 5
	recentInPerson = 12 // months
)

// judgeControlled decides schedules II to V: the federal rule of the day and
// the state must both allow it, by live video. Whatever is unknown denies.
func judgeControlled(v verdict, rules Rules, ask Ask, day Date) verdict {
	state := rules.On(TopicControlled, day)
	deny := v.deny(ReasonControlledNotAllowed, TopicControlled, state)
	if ask.Schedule < firstSchedule || ask.Schedule > lastSchedule ||
		ask.Modality != Video || !state.Evidence.grants() {
		return deny
	}
	switch state.Value {
	case valueFederalRule:
	case valueInPersonYear:
		if ask.InPerson == 0 || ask.InPerson > day || ask.InPerson < day.AddMonths(-recentInPerson) {
			return v.deny(ReasonInPersonNeeded, TopicControlled, state)
		}
	default:
		return deny
	}
	if rules.Federal == nil {
		return v.deny(ReasonControlledNotAllowed, TopicFederalCtrl, Entry{Value: valueUnknown, Evidence: EvidenceUnknown})
	}
	v.federal = true
	federal := rules.Federal.On(TopicFederalCtrl, day)
	switch {
	case federal.Value == valueInPersonNotNeeded && federal.Evidence.grants():
	case federal.Value == valueInPersonNeeded:
		if ask.InPerson == 0 || ask.InPerson > day {
			return v.deny(ReasonInPersonNeeded, TopicFederalCtrl, federal)
		}
	default:
		return v.deny(ReasonControlledNotAllowed, TopicFederalCtrl, federal)
	}
	v.topic, v.entry = TopicControlled, state
	return v
}
