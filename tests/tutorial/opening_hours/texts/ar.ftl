hours-answer = المستودع مفتوح من { $open } إلى { $close }.
