hours-answer = Depozitul este deschis între { $open } și { $close }.
