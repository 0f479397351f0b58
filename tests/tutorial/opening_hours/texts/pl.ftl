hours-answer = Magazyn jest otwarty od { $open } do { $close }.
