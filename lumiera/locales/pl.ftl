yes = Tak
    .also = t|tak tak|jasne|pewnie|ok|okay|okej|dobrze|dobra|zgadza się|👍|✅
no = Nie
    .also = n|nie nie|nie dziękuję|wcale nie|👎|❌
confirm = Potwierdzam
    .also = potwierdź|potwierdzić|potwierdzone|zatwierdź|zatwierdzam|tak|t|ok|okay|okej|dobrze|wyślij|👍|✅
# Ends a dialogue at any question, so no word that could answer one stands here.
cancel = Anuluj
    .also = anulować|anuluję|anulowane|rezygnuję|przerwij
skip = Pomiń
    .also = pomijam|pominąć|dalej|nic|brak|bez zdjęcia|bez zdjęć|nie|n|nie dziękuję|⏭️
more = ➡️ Więcej
    .also = następne|pokaż więcej|kolejne
choose = Wybierz
    .also = wybieram
numbers-hint = Proszę odpowiedzieć numerem.

moment-now = Teraz
    .also = właśnie teraz|przed chwilą|w tej chwili
moment-today = Dzisiaj
    .also = dziś|dziś rano|dzisiaj rano|dziś po południu
moment-yesterday = Wczoraj
    .also = dzień wcześniej|wczoraj rano|wczoraj wieczorem

undecided = Nie rozumiem. Oto, co mogę zrobić:
undecided-media = Plik dotarł, ale nie wiem, co z nim zrobić. Oto, co mogę zrobić:
clarify = Nie wiem, czy dobrze rozumiem. O co chodzi?
question-missed = Nie rozumiem tej odpowiedzi.
choice-gone = Ten wybór nie jest już ważny.
photo-added = Dobrze, zdjęcie jest dodane.

dialogue-cancelled = Dobrze, przerywam to zgłoszenie.
dialogue-draft = Ten formularz zmienił się w międzyczasie. Odpowiedzi są zapisane. Czy zacząć od nowa?
draft-restart = Zacznij od nowa

voice-unheard = Nie rozumiem wiadomości głosowej. Proszę ją napisać albo powiedzieć jeszcze raz.
limited = Przychodzi bardzo dużo wiadomości naraz. Są zapisane, ale na nie nie odpowiadam. Proszę napisać ponownie za minutę.
refused = Nie znam tego numeru. Proszę poprosić kierownika budowy o rejestrację.
blocked = Ten numer jest zablokowany. Proszę porozmawiać z kierownikiem budowy.
working = ⏳ Jeszcze nad tym pracuję…
apology = Przepraszam, to trwa u nas za długo. Proszę spróbować ponownie za chwilę.
turn-lost = Przepraszam, nie udało się obsłużyć tej wiadomości. Jest zapisana, a problem został zgłoszony. Proszę spróbować ponownie.

language-name-fr = Francuski
language-name-en = Angielski
language-name-es = Hiszpański
language-name-pt = Portugalski
language-name-de = Niemiecki
language-name-it = Włoski
language-name-ro = Rumuński
language-name-pl = Polski
language-name-ar = Arabski

error-user_1001 = Nie mogę znaleźć tego konta. Proszę poprosić kierownika budowy o rejestrację.
error-user_1002 = Brak uprawnień do tej czynności. Proszę porozmawiać z kierownikiem budowy.
error-user_1003 = Ten numer telefonu jest nieprawidłowy. Proszę porozmawiać z kierownikiem budowy.
error-project_2001 = Nie ma takiej budowy na Państwa liście. Proszę sprawdzić nazwę.
error-project_2002 = Nie ma jeszcze żadnej przypisanej budowy. Proszę poprosić kierownika budowy o przypisanie.
# The same words as for an unknown one: nobody learns what others have.
error-project_2003 = { error-project_2001 }
error-project_2004 = Nie mogę znaleźć tego zadania. Proszę wybrać inne.
error-project_2005 = Nie mogę znaleźć tego dokumentu. Proszę wybrać inny.
error-integration_3001 = Przepraszam, dane są teraz niedostępne. Proszę spróbować ponownie za kilka minut.
error-integration_3002 = Przepraszam, dane z budowy są teraz niedostępne. Proszę spróbować ponownie za kilka minut.
error-integration_3003 = Przepraszam, nie udało się wysłać wiadomości. Proszę spróbować ponownie za kilka minut.
error-integration_3004 = Przepraszam, nie udało się przetłumaczyć tej wiadomości. Proszę napisać to innymi słowami.
error-integration_3005 = Przepraszam, nie udało się odsłuchać wiadomości głosowej. Proszę to napisać.
error-logic_4001 = Nie rozumiem tej prośby. Proszę napisać to innymi słowami.
error-logic_4002 = Tego już nie mogę zrobić. Proszę wybrać coś innego.
error-logic_4003 = Ta odpowiedź nie pasuje. Proszę ją sprawdzić i spróbować ponownie.
error-logic_4004 = Nasza rozmowa się urwała. Proszę napisać jeszcze raz, o co chodzi.
error-system_5001 = Przepraszam, mamy problem po naszej stronie. Proszę spróbować ponownie za kilka minut.
error-system_5002 = Przepraszam, to trwa za długo. Proszę spróbować ponownie za kilka minut.
error-system_5003 = Przepraszam, ta usługa teraz nie działa. Proszę spróbować później.
error-system_5004 = Przepraszam, nie mogę teraz na to odpowiedzieć. Proszę spróbować później.
