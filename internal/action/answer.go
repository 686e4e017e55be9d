package action

import (
	"context"
	"strings"

	"luminousnix/internal/answers"
	"luminousnix/internal/operation"
)

// answerQuestion answers what a topic answers for sure, and else names those that may
// be meant. Without a question it lists all topics.
func answerQuestion(_ context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	question := strings.TrimSpace(args.Text)
	if question == "" {
		return listTopics(), nil
	}
	matches, certainty := answers.SearchIn(m.Language, question)
	switch certainty {
	case answers.Sure:
		return answered(question, matches[0]), nil
	case answers.Unsure:
		err := operation.Errorf(operation.CodeAmbiguous, "I am not sure which of these you ask about").
			WithHint("`ask-nix ask " + matches[0].ID + "` shows the first.")
		err.Alternatives = alternatives(matches)
		return Answer{}, err
	}
	return Answer{}, noAnswer(matches)
}

func answered(question string, m answers.Match) Answer {
	answer := Answer{Message: m.Title, Data: &operation.Answered{Question: question, Confidence: m.Confidence, Topic: m.Topic.Topic}}
	for _, id := range m.See {
		answer.Suggestions = append(answer.Suggestions, "ask-nix ask "+id)
	}
	return answer
}

// noAnswer says so, and what is nearest.
func noAnswer(matches []answers.Match) *operation.Error {
	err := operation.Errorf(operation.CodeNotFound, "I have no answer to that").
		WithHint("`ask-nix ask` lists all that I can explain.")
	if len(matches) > 0 {
		err.Message += "; the nearest may not help"
		err.Alternatives = alternatives(matches)
	}
	return err
}

func alternatives(matches []answers.Match) (list []operation.Alternative) {
	for _, m := range matches {
		list = append(list, operation.Alternative{
			Operation:  operation.New(operation.AnswerQuestion, operation.Arguments{Text: m.ID}),
			Confidence: m.Confidence,
			Say:        "ask " + m.ID + ": " + m.Title,
		})
	}
	return list
}

func listTopics() Answer {
	var data operation.Topics
	for _, t := range answers.Topics() {
		data.Topics = append(data.Topics, operation.TopicTitle{ID: t.ID, Subject: t.Subject, Title: t.Title})
	}
	return Answer{Message: "These I can explain: ask-nix ask NAME, or ask in your own words.", Data: &data}
}
