import { Module } from '@nestjs/common';
import { ExportsModule } from '../exports/exports.module.js';
import { CachedPersons } from './cached-person.js';
import { PersonExportsController } from './person-exports.controller.js';
import { PersonExportsService } from './person-exports.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [ExportsModule],
  controllers: [UsersController, PersonExportsController],
  providers: [UsersService, CachedPersons, PersonExportsService],
})
export class UsersModule {}
