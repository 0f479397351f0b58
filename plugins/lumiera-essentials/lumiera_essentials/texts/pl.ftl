greeting-hello = Dzień dobry, { $name } 👷
greeting-hello-nameless = Dzień dobry 👷
greeting-who = Nazywam się { $bot }, jestem automatycznym asystentem. Wiadomości są zapisywane na potrzeby budowy. Aby nie dostawać więcej wiadomości, proszę napisać *STOP*.
greeting-what-next = W czym mogę pomóc?

help-menu = ❓ Pomoc
help-answer =
    Jak ze mną rozmawiać:
    ✍️ Proszę napisać, dotknąć pozycji w menu albo odpowiedzieć jej numerem.
    🌐 Aby zmienić język, proszę napisać jego nazwę, na przykład *English*.
    ✋ Aby nie dostawać więcej wiadomości, proszę napisać *STOP*.
    🚨 W nagłym wypadku proszę dzwonić pod numer 112.

language-menu = 🌐 Język
language-which = 🌐 W jakim języku rozmawiamy?
language-changed = Dobrze, od teraz odpowiadam po polsku.

stop-answer = Dobrze, nie będzie więcej wiadomości. Aby znów je dostawać, proszę napisać *START*.

start-answer = Witam ponownie 👷 Wiadomości będą znów przychodzić.

human-menu = 💬 Rozmowa z zespołem
human-about = Przekazuję to zespołowi. O co chodzi?
human-task = Zadanie
    .also = zadania|moje zadania|praca|moja praca
human-safety = Bezpieczeństwo
    .also = zagrożenie|niebezpieczeństwo|to niebezpieczne|wypadek|nagły wypadek
human-other = Coś innego
    .also = inne|inne pytanie|co innego|inna sprawa
human-called = Wzywam zespół ({ $time }). Do czasu odpowiedzi nic nie piszę. Proszę napisać „{ resume }”, jeśli mam wrócić.
human-kept = Zgłoszenie jest zapisane ({ $time }), ale teraz nikt nie ma dyżuru. Zespół zobaczy je po otwarciu swojej listy. Do czasu odpowiedzi nic nie piszę. Proszę napisać „{ resume }”, jeśli mam wrócić.
human-danger = W razie zagrożenia proszę najpierw dzwonić pod numer 112.
human-already = Zespół ma już to zgłoszenie (od { $time }).
