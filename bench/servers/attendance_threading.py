"""The roll call of the lecture notes, by their design: a thread for each connection, and the roll in memory only.

It keeps nothing when it ends. Where theirs would fail, at the end of a connection, it ends the thread.
"""

import os
import resource
import socket
import sys
import threading
from datetime import datetime


class ClassType:
    def __init__(self, number):
        self.number = number
        self.present_students = []


class Service:
    def __init__(self):
        self.active_classes = []

    def find(self, number):
        for candidate in self.active_classes:
            if candidate.number == number:
                return candidate
        return None

    def handle_message(self, text):
        content, code = text.split(",")
        return self.toggle(content) if code == "teacher" else self.register(*content.split("/"))

    def toggle(self, number):
        found = self.find(number)
        if found is None:
            self.active_classes.append(ClassType(number))
            return f"A chamada da turma {number} foi ativada em {now()}!"
        self.active_classes.remove(found)
        present = found.present_students
        return f"A chamada da turma {number} foi encerrada em {now()}! Os seguintes alunos registraram presença: {present}"

    def register(self, student, number):
        found = self.find(number)
        if found is None:
            return f"Esta turma não está com presença ativa. Solicitação rejeitada em {now()}"
        for present in found.present_students:
            if present == student:
                return "Você já registrou sua presença nesta turma!"
        found.present_students.append(student)
        return f"Presença registrada com sucesso na turma {number} em {now()}!"


def now():
    return datetime.now().strftime("%d/%m/%Y às %H:%M")


def serve_client(connection, service, output):
    with connection:
        while data := connection.recv(1024):
            reply = service.handle_message(data.decode())
            print(reply, file=output)
            connection.sendall(reply.encode())


def serve(server, service, output):
    while True:
        connection, client = server.accept()
        print("Cliente conectado: ", client, file=output)
        threading.Thread(target=serve_client, args=(connection, service, output), daemon=True).start()


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", 0))
server.listen()
output = open(os.devnull, "w")  # What it prints is written, and nobody's terminal is measured.
threading.Thread(target=serve, args=(server, Service(), output), daemon=True).start()
print(server.getsockname()[1], flush=True)
sys.stdin.read()
os._exit(0)  # At once, however many threads there are.
